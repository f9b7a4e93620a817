"""What we put together by hand, the standard library's parser takes apart to the same."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.kernel.text import one_line
from perennial.mail.compose import plain_text, words
from perennial.mail.layout import Fixed, text_parts
from perennial.mail.mime import AddressUnfitError, HeaderUnfitError, mail_bytes, wire_address

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=300).map(one_line)
BODIES = st.text(st.characters(exclude_categories=["Cs"]), max_size=2000).map(plain_text)


def made(**changes: Any) -> bytes:
    given_parts: dict[str, Any] = {
        "headers": {"From": "", "To": "", "Subject": "Hello", "Message-ID": "<a@b.example>"},
        "boxes": {"From": ("Mara Smit", "alumni@employer.example"), "To": ("Alice", "alice@home.example")},
        "text": ["Hello\n"],
        "html": ["<p>Hello</p>\n"],
        "boundary": "=_b",
    }
    return mail_bytes(**{**given_parts, **changes})


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


def name_in(content: bytes, header: str) -> str:
    """The name in a header, by the older parser: the newer leaves spaces in a long one (against RFC 2047)."""
    phrase, _ = parseaddr(message_from_bytes(content)[header])
    return str(make_header(decode_header(phrase)))


def body_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


@given(name=NAMES, subject=NAMES)
def test_any_name_and_subject_come_back_as_they_went_and_add_no_header(name: str, subject: str) -> None:
    content = made(
        headers={"From": "", "To": "", "Reply-To": "", "List-Id": "", "Subject": subject},
        boxes={
            "From": (name, "alumni@employer.example"),
            "To": (name, "alice@home.example"),
            "Reply-To": (name, "mara@employer.example"),
            "List-Id": (name, "personal.employer.example"),
        },
    )
    mail = parsed(content)
    assert mail.keys() == ["MIME-Version", "From", "To", "Reply-To", "List-Id", "Subject", "Content-Type"]
    assert mail["Subject"] == subject
    assert mail.defects == []
    for header, address in (("From", "alumni"), ("To", "alice"), ("Reply-To", "mara")):
        assert [each.username for each in mail[header].addresses] == [address]
        assert name_in(content, header) == name


@given(body=BODIES)
def test_any_body_comes_back_as_it_went(body: str) -> None:
    mail = parsed(made(text=[f"{body}\n", Fixed("-- \nus\n")], html=["<p>", f"{body}\n", Fixed("</p>\n")]))
    assert body_of(mail, "plain") == f"{body}\n-- \nus\n"
    assert body_of(mail, "html") == f"<p>{body}\n</p>\n"


@given(body=BODIES, name=NAMES)
def test_every_line_is_short_ascii_and_ends_with_crlf(body: str, name: str) -> None:
    content = made(text=[f"{body}\n"], boxes={"From": (name, "a@b.example"), "To": (name, "c@d.example")})
    lines = content.split(b"\r\n")
    assert all(len(line) <= 76 for line in lines)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert content.isascii()


@given(st.text(max_size=200))
def test_whatever_somebody_types_as_subject_is_one_printable_line(text: str) -> None:
    subject = words(subject=text, body="")["subject"]
    assert subject == one_line(subject)
    assert not any(letter in subject for letter in "\r\n\0\x0b\x0c\x85\u2028\u2029")
    assert parsed(made(headers={"Subject": subject}))["Subject"] == subject


@pytest.mark.parametrize("value", ["a\r\nBcc: eve@evil.example", "a\nb", "a\rb", "a\0b"])
def test_a_line_end_that_got_as_far_as_a_header_is_refused(value: str) -> None:
    with pytest.raises(HeaderUnfitError):
        made(headers={"Auto-Submitted": value})


@pytest.mark.parametrize(
    "address",
    [
        "",
        "alice",
        "@home.example",
        "alice@",
        "alice@home.example, eve@evil.example",
        "alice@home.example\r\nBcc: eve@evil.example",
        "alice@home.example>",
        "alice @home.example",
        "a\u2028@home.example",
        "a@b@home.example",
        f"a@{'x' * 64}é.example",
    ],
)
def test_what_is_no_address_goes_nowhere(address: str) -> None:
    with pytest.raises(AddressUnfitError):
        wire_address(address)


def test_a_domain_of_other_letters_goes_in_ascii() -> None:
    assert wire_address("joerg@bücher.example") == "joerg@xn--bcher-kva.example"
    mail = parsed(made(boxes={"To": ("Jörg", "joerg@bücher.example")}, headers={"To": ""}))
    assert mail["To"].addresses == (Address("Jörg", "joerg", "xn--bcher-kva.example"),)


def test_a_list_of_ways_to_unsubscribe_is_folded_between_them() -> None:
    ways = f"<https://perennial.example/unsubscribe/{'x' * 90}/>, <mailto:alumni@employer.example?subject=unsubscribe>"
    content = made(headers={"List-Unsubscribe": ways})
    assert b">,\r\n <mailto:" in content
    assert parsed(content)["List-Unsubscribe"] == ways


@given(body=BODIES)
def test_the_parts_of_a_plain_text_are_the_text(body: str) -> None:
    assert "".join(text_parts(body=body, link="", footer=None)) == f"{body.replace('{link}', '')}\n"
