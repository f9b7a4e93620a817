// What the pages can do beyond HTML: theme, keys on Today, confirming, copying, closing. Every page works without it.
(function () {
  "use strict";

  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function recall(name) {
    try { return window.localStorage.getItem(name); } catch (refused) { return null; }
  }
  function remember(name, value) {
    try { window.localStorage.setItem(name, value); } catch (refused) { /* A browser that keeps nothing still shows the page. */ }
  }

  // --- theme: before the first paint, so that nothing flashes ---
  function chosenTheme() {
    var kept = recall("theme");
    return kept === "light" || kept === "dark" ? kept : "auto";
  }
  function paint() {
    var chosen = chosenTheme();
    root.dataset.bsTheme = chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
    document.querySelectorAll("[data-theme-choice]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
    });
  }
  root.classList.add("js");
  paint();
  system.addEventListener("change", paint);
  document.addEventListener("DOMContentLoaded", paint);

  // --- confirming: <form data-confirm="Sentence"> or <button data-confirm="Sentence">; {choice} is the answer chosen in it ---
  var confirmed = new WeakSet();
  function chosenIn(form) {
    var box = form.querySelector("input[type=radio]:checked");
    var label = box && box.closest("label");
    return label ? (label.querySelector("strong") || label).textContent.trim() : "–";
  }
  function ask(sentence, then) {
    var asker = document.getElementById("confirm-dialog").content.firstElementChild.cloneNode(true);
    asker.querySelector("[data-sentence]").textContent = sentence;
    asker.addEventListener("click", function (event) {
      var button = event.target.closest("[data-answer]");
      if (button) { asker.close(button.dataset.answer); }
    });
    asker.addEventListener("close", function () {
      asker.remove();
      if (asker.returnValue === "yes") { then(); }
    });
    document.body.append(asker);
    asker.showModal();
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    var sentence = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
    if (!sentence || confirmed.delete(form)) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(sentence.replace("{choice}", function () { return chosenIn(form); }), function () {
      confirmed.add(form);
      form.requestSubmit(event.submitter);
    });
  }, true);

  // --- a page that answers a form: going back to it asks for it afresh, not whether to send the form again ---
  document.addEventListener("DOMContentLoaded", function () {
    if ("answerToAForm" in document.body.dataset) { window.history.replaceState(null, "", window.location.href); }
  });

  // --- <form data-failed="Sentence" data-said="#where">: what was not saved must not look as if it were ---
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (failure) {
    document.addEventListener(failure, function (event) {
      var form = event.target.closest("[data-failed]");
      if (!form) { return; }
      var sentence = document.createElement("p");
      sentence.className = "saved not-saved";
      sentence.textContent = form.dataset.failed;
      document.querySelector(form.dataset.said).replaceChildren(sentence);
    });
  });

  // --- choices that need no button ---
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-autosubmit")) { form.requestSubmit(); }
  });

  // --- one listener for all buttons of ours ---
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-theme-choice], [data-copy], [data-dismiss], [data-print], [data-keys-toggle]");
    if (!button) { return; }
    if (button.dataset.themeChoice) {
      remember("theme", button.dataset.themeChoice);
      paint();
    } else if (button.dataset.copy) {
      var source = document.querySelector(button.dataset.copy);
      navigator.clipboard.writeText("value" in source ? source.value : source.innerText.trim()).then(function () {
        var said = button.querySelector("[data-copied]");
        if (said) { said.textContent = said.dataset.copied; }
      });
    } else if (button.dataset.dismiss) {
      button.closest(button.dataset.dismiss).remove();
    } else if ("print" in button.dataset) {
      window.print();
    } else {
      remember("keys", keysAreOn() ? "off" : "on");
      showKeys();
    }
  });

  // --- who said a fact: Escape hides it, until one comes back to it ---
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    document.querySelectorAll(".told:hover, .told:focus").forEach(function (fact) {
      fact.classList.add("told-hushed");
      ["mouseleave", "blur"].forEach(function (leaving) {
        fact.addEventListener(leaving, function () { fact.classList.remove("told-hushed"); }, { once: true });
      });
    });
  });

  // --- a passkey that did not work: allauth says so to the document, we say so to the person ---
  document.addEventListener("allauth.error", function () {
    document.querySelectorAll("[data-on-passkey-error]").forEach(function (notice) { notice.hidden = false; });
  });

  // --- Today: j k to move, Enter to open, e done, s later; can be switched off, as single keys must be ---
  function keysAreOn() { return recall("keys") !== "off"; }
  function showKeys() {
    document.querySelectorAll("[data-keys-toggle]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(keysAreOn()));
    });
  }
  document.addEventListener("DOMContentLoaded", showKeys);
  document.addEventListener("keydown", function (event) {
    var list = document.querySelector("[data-keys]");
    if (!list || !keysAreOn() || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.target.closest("input, select, textarea, dialog, [contenteditable]")) { return; }
    var items = Array.from(list.children);
    var here = items.findIndex(function (item) { return item.contains(document.activeElement); });
    if (event.key === "j" || event.key === "k") {
      var next = items[Math.max(0, Math.min(items.length - 1, here + (event.key === "j" ? 1 : -1)))];
      if (next) { next.tabIndex = -1; next.focus(); next.scrollIntoView({ block: "nearest" }); event.preventDefault(); }
    } else if (here >= 0 && (event.key === "e" || event.key === "s")) {
      var control = items[here].querySelector('[data-key="' + event.key + '"]');
      if (control) { control.click(); event.preventDefault(); }
    } else if (here >= 0 && event.key === "Enter" && document.activeElement === items[here]) {
      var open = items[here].querySelector('[data-key="Enter"]') || items[here].querySelector("a[href]");
      if (open) { open.click(); event.preventDefault(); }
    }
  });
}());
