"""What HR's files call their columns."""

from collections.abc import Mapping

from perennial.intake.columns import Field
from perennial.intake.words import word_set

# Names that mean one thing only. English, Dutch, German, Russian, then the habits of HR systems
# (AFAS, Personio, Workday, SAP's technical names, 1C). Compared without case, accents and punctuation.
CERTAIN: Mapping[Field, str] = {
    Field.FULL_NAME: """
        full name; fullname; employee name; name of employee; display name; complete name; legal name; worker name;
        first and last name; last name first name; name surname; leaver name; person name; employee full name;
        volledige naam; naam medewerker; naam werknemer; medewerkernaam; medewerker naam; naam voluit; weergavenaam;
        voor- en achternaam; voornaam en achternaam; naam volledig; samengestelde naam;
        vollständiger Name; Mitarbeitername; Name des Mitarbeiters; Name Mitarbeiter; Vor- und Nachname; voller Name;
        Vorname und Nachname; Vorname Nachname; Nachname Vorname; Name Vorname; Anzeigename; Vorname Name;
        ФИО; Ф.И.О.; полное имя; фамилия имя отчество; фамилия и имя; имя и фамилия; фамилия, имя, отчество;
        ФИО сотрудника; физическое лицо; физлицо; сотрудник ФИО; фамилия имя;
        ENAME; CNAME; Worker; preferred full name; legal full name; formatted name
    """,
    Field.FIRST_NAME: """
        first name; firstname; given name; given names; forename; forenames; first names; legal first name; fname;
        voornaam; voornamen; eerste voornaam; first name employee;
        Vorname; Vornamen; Rufname und Vorname; 1. Vorname; erster Vorname;
        имя; имя сотрудника; имена;
        VORNA; legal name first name; givenname
    """,
    Field.PREFIX: """
        prefix; name prefix; surname prefix; last name prefix; infix; name infix; middle particle; family name prefix;
        tussenvoegsel; tussenvoegsels; voorvoegsel; voorvoegsels; voorvoegsel achternaam; tussenvoegsel achternaam;
        voorvoegsel geboortenaam; tv; tussenv; voorv;
        Namensvorsatz; Vorsatzwort; Namenszusatz; Namenspräfix; Vorsatz;
        приставка; префикс фамилии; приставка к фамилии;
        VORSW; VORS2
    """,
    Field.LAST_NAME: """
        last name; lastname; surname; family name; legal last name; second name surname; lname; familyname;
        achternaam; familienaam; achternaam medewerker; geslachtsnaam; eigen achternaam;
        Nachname; Familienname; Zuname;
        фамилия; фамилия сотрудника;
        NACHN; legal name last name; sn
    """,
    Field.CALLED: """
        called; preferred name; preferred first name; known as; nickname; goes by; calling name; common name;
        roepnaam; aanspreeknaam; voorkeursnaam;
        Rufname; bevorzugter Name; bevorzugter Vorname; Spitzname; genannt;
        предпочитаемое имя; обращение по имени; как обращаться; называть;
        RUFNM; preferredname
    """,
    Field.EMPLOYEE_NUMBER: """
        employee number; employee no; employee nr; employee id; employee code; emp id; emp no; empid; emp number;
        personnel number; personnel no; personnel id; staff number; staff id; staff no; payroll number; payroll id;
        worker id; badge number; associate id; person id external; hr id; employee identifier; worker number;
        personeelsnummer; personeelsnr; personeels nr; personeelsnummer medewerker; medewerkernummer;
        medewerker nummer; medewerkernr; medewerker nr; medewerkercode; medewerker code; medewerker id;
        werknemernummer;
        werknemersnummer; werknemer nummer; werknemer nr; werknemer id; stamnummer; persnr; pers nr;
        registratienummer;
        Personalnummer; Personal-Nr; Pers.-Nr.; Personalnr; Personal Nr; PersNr; Mitarbeiternummer; Mitarbeiter-Nr;
        Mitarbeiternr; Mitarbeiter-ID; Mitarbeiter ID; Stammnummer; Matrikelnummer; PNr; MA-Nr; MA-Nummer;
        табельный номер; таб. номер; таб. №; таб №; табельный №; табельный; номер сотрудника; код сотрудника;
        личный номер; персональный номер; ID сотрудника; идентификатор сотрудника; таб номер;
        табельный номер сотрудника;
        PERNR; Em_Code; EmId; Mdw. code; employeenumber; employeeid
    """,
    Field.BUSINESS_EMAIL: """
        business email; business e-mail address; work email; work e-mail address; company email; corporate email;
        office email; company e-mail address; professional email; primary work email; email work; email business;
        work mail; email (work); corporate e-mail address; email company; official email;
        zakelijk e-mail; zakelijke e-mail; zakelijk e-mailadres; zakelijke mail; e-mail zakelijk;
        e-mailadres zakelijk;
        e-mail werk; werk e-mail; werkmail; werk e-mailadres; e-mailadres werk; mail werk; mail zakelijk;
        bedrijfsmail;
        e-mail op het werk;
        geschäftliche E-Mail; geschäftliche E-Mail-Adresse; E-Mail geschäftlich; dienstliche E-Mail; Dienst-E-Mail;
        dienstliche E-Mail-Adresse; E-Mail dienstlich; Firmen-E-Mail; berufliche E-Mail; Arbeits-E-Mail;
        E-Mail Arbeit; E-Mail beruflich; E-Mail-Adresse geschäftlich; E-Mail-Adresse dienstlich; Firmenmail;
        рабочий email; рабочий e-mail; рабочая почта; корпоративная почта; корпоративный e-mail; служебная почта;
        рабочая электронная почта; корпоративный адрес; рабочий адрес электронной почты; служебный e-mail;
        корпоративная электронная почта; служебный адрес электронной почты; email рабочий; почта рабочая;
        USRID_LONG; EmAd; workemail; businessemail
    """,
    Field.PRIVATE_EMAIL: """
        private email; private e-mail address; personal email; personal e-mail address; home email; email private;
        email personal; primary home email; email (private); email (personal); home e-mail address; non-work email;
        e-mail privé; privé e-mail; privé e-mailadres; privémail; privé mail; e-mailadres privé; persoonlijke e-mail;
        persoonlijk e-mailadres; mail privé; prive-mail; e-mail thuis;
        private E-Mail; private E-Mail-Adresse; E-Mail privat; E-Mail-Adresse privat; Privatmail; persönliche E-Mail;
        Privat-E-Mail; private Mail; persönliche E-Mail-Adresse;
        личный email; личный e-mail; личная почта; частная почта; личная электронная почта; почта личная;
        личный адрес электронной почты; домашний e-mail; e-mail личный; персональная почта; домашняя почта;
        EmA2; homeemail; personalemail; privateemail
    """,
    Field.PRIVATE_EMAIL_GIVEN_ON: """
        private email given on; private email given; date private email given; personal email given on;
        private email date; private email received on; private email provided on; personal email date;
        date private email; private e-mail given for contact on; contact email given on;
        privé e-mail gegeven op; datum privé e-mail gegeven; privé e-mail ontvangen op; datum privé e-mail;
        privé e-mailadres gegeven op; e-mail privé gegeven op; privémail gegeven op;
        private E-Mail gegeben am; private E-Mail erhalten am; private E-Mail angegeben am; Datum private E-Mail;
        private E-Mail-Adresse angegeben am; private E-Mail mitgeteilt am;
        личный email получен; личный e-mail дан; дата получения личного e-mail; личный e-mail сообщён;
        дата получения личной почты; личная почта указана; дата личного e-mail; личный e-mail указан;
    """,
    Field.STARTS_ON: """
        start date; starts on; first day; hire date; hired on; date of hire; date hired; joining date;
        date of joining;
        entry date; date of entry; employment start; employment start date; original hire date; join date; started on;
        commencement date; in service since; service start date; first working day; date joined; start of employment;
        datum in dienst; in dienst; indiensttreding; datum indiensttreding; in dienst per; in dienst sinds;
        startdatum; begindatum dienstverband; startdatum dienstverband; begin dienstverband; aanvang dienstverband;
        eerste werkdag; in dienst op; datum indienst; datum in dienst treding; indienst; eerste dag;
        ingangsdatum dienstverband;
        Eintritt; Eintrittsdatum; Einstellungsdatum; Beginn; Startdatum; Eintritt am; erster Arbeitstag;
        Beschäftigungsbeginn; Beschäftigt seit; Vertragsbeginn; Datum Eintritt; Eintrittstermin;
        Beginn Arbeitsverhältnis;
        Tag des Eintritts; erster Tag;
        дата приёма; дата приема на работу; принят; дата найма; дата начала работы; первый рабочий день;
        дата поступления;
        начало работы; дата трудоустройства; дата начала; работает с; дата зачисления; дата оформления; первый день;
        EINTR; BEGDA; DaBe; hiredate; startdate
    """,
    Field.ENDS_ON: """
        end date; ends on; last day; last working day; last day of work; last day worked; last day of employment;
        termination date; date of termination; leave date; leaving date; date of leaving; exit date; date of exit;
        employment end; employment end date; separation date; departure date; left on; date left; out of service;
        contract termination date; final day; last day of service; service end date; leaver date; end of employment;
        termination effective date; date of departure; relieving date;
        datum uit dienst; uit dienst; uitdiensttreding; datum uitdiensttreding; uit dienst per; einddatum;
        einddatum dienstverband; einde dienstverband; laatste werkdag; datum uitdienst; uitdienst; uit dienst op;
        vertrekdatum; datum vertrek; ontslagdatum; laatste dag; datum einde dienstverband; datum uit dienst treding;
        laatste dag in dienst; uitdienst datum; uitdienstdatum; uit-dienstdatum; datum laatste werkdag;
        Austritt; Austrittsdatum; Austritt am; letzter Arbeitstag; letzter Tag; Beschäftigungsende; Enddatum;
        Ausscheidedatum; Datum des Ausscheidens; ausgeschieden am; Austrittstermin; Datum Austritt;
        Ende Arbeitsverhältnis;
        Ende des Arbeitsverhältnisses; Ende der Beschäftigung; Tag des Austritts; Ausscheiden am; Ende Beschäftigung;
        дата увольнения; уволен; дата ухода; последний рабочий день; последний день; дата окончания работы;
        дата прекращения; уволен с; конец работы; дата расторжения; дата расторжения договора; день увольнения;
        дата увольнения сотрудника; работает по; дата прекращения трудового договора; последний день работы;
        AUSTR; ENDDA; DaEn; terminationdate; enddate; lastday
    """,
    Field.STATUS: """
        status; employee status; employment status; worker status; current status; staff status; leaver status;
        status medewerker; dienstverbandstatus; status dienstverband; medewerkerstatus; medewerker status;
        Mitarbeiterstatus; Beschäftigungsstatus; Anstellungsstatus; Status der Beschäftigung; Personalstatus;
        статус; статус сотрудника; состояние; статус занятости; состояние сотрудника; текущий статус;
        текущее состояние;
        STAT2; employmentstatus; active status
    """,
    Field.TITLE: """
        title; job title; position; job; role; function; position title; job role; job name; designation;
        business title;
        functie; functietitel; functienaam; functieomschrijving; rol; functiebenaming; beroep; omschrijving functie;
        Position; Stelle; Funktion; Berufsbezeichnung; Stellenbezeichnung; Jobtitel; Tätigkeit; Rolle; Stellentitel;
        Positionsbezeichnung; Planstelle; Tätigkeitsbezeichnung;
        должность; позиция; название должности; роль; наименование должности; профессия; должность сотрудника;
        PLANS; STELL; jobtitle; PLSTX; STLTX
    """,
    Field.DEPARTMENT: """
        department; dept; division; team; unit; business unit; organisational unit; organizational unit; org unit;
        department name; supervisory organization; organisation unit; group name; department description; section;
        afdeling; organisatorische eenheid; afdelingsnaam; bedrijfsonderdeel; organisatie-eenheid; OE; eenheid;
        naam afdeling; organisatie eenheid; afdeling omschrijving; divisie; sector;
        Abteilung; Bereich; Organisationseinheit; Abteilungsname; Fachbereich; Orgeinheit; Team; OrgEinheit; Referat;
        Abteilungsbezeichnung;
        подразделение; отдел; департамент; управление; структурное подразделение; команда; подразделение организации;
        наименование подразделения; отделение;
        ORGEH; ORGTX; DpId
    """,
    Field.PLACE: """
        location; office; place; work location; site; city; office location; workplace; place of work; branch;
        duty station;
        work city; office name; location name;
        locatie; standplaats; vestiging; plaats; kantoor; werklocatie; werkplek; plaats van tewerkstelling;
        werkplaats;
        vestigingsplaats; werkplek locatie;
        Standort; Arbeitsort; Niederlassung; Einsatzort; Büro; Dienstort; Arbeitsstätte; Betriebsstätte; Dienstsitz;
        Filiale;
        место работы; офис; город; локация; местоположение; территория; филиал; место; обособленное подразделение;
        площадка; рабочее место; место нахождения;
        WERKS; BTRTL; worklocation
    """,
    Field.MANAGER: """
        manager; manager name; line manager; supervisor; supervisor name; reports to; direct manager; boss; team lead;
        reporting manager; reporting to; team leader; direct supervisor; name of manager; people manager; lead;
        leidinggevende; naam leidinggevende; direct leidinggevende; teamleider; chef; directe leidinggevende;
        rapporteert aan; naam manager; hoofd;
        Vorgesetzter; Vorgesetzte; Führungskraft; Vorgesetzte/r; direkter Vorgesetzter; Teamleiter; Teamleitung;
        Name Vorgesetzter; Vorgesetzte(r); berichtet an; disziplinarischer Vorgesetzter;
        disziplinarische Führungskraft;
        руководитель; начальник; непосредственный руководитель; менеджер; ФИО руководителя; имя руководителя;
        линейный руководитель; подчиняется;
        managername; worker's manager; MNGTX
    """,
    Field.CONTRACT_KIND: """
        contract kind; contract type; employment type; kind of contract; type of contract; employee type; worker type;
        type of employment; employment contract type; employee group; employee class; contract; employment kind;
        soort contract; contractsoort; contracttype; type contract; soort dienstverband; type dienstverband;
        soort medewerker; type medewerker; aard dienstverband; dienstverband; contractvorm; dienstbetrekking;
        Vertragsart; Beschäftigungsart; Anstellungsart; Art der Beschäftigung; Vertragstyp; Beschäftigungsverhältnis;
        Mitarbeitergruppe; Mitarbeiterkreis; Art des Vertrags; Arbeitsverhältnis; Mitarbeitertyp;
        Anstellungsverhältnis;
        вид договора; тип договора; вид занятости; тип занятости; вид контракта; форма занятости; характер работы;
        вид трудового договора; тип контракта; форма договора;
        PERSG; PERSK; ANSVH; employmenttype; contracttype
    """,
    Field.HOW_ENDED: """
        how it ended; how ended; reason for leaving; leaving reason; termination reason; termination type;
        exit reason;
        reason of leaving; reason for termination; separation reason; separation type; end reason; departure reason;
        exit type; leave reason; type of leaving; type of termination; voluntary or involuntary;
        primary termination reason;
        termination category; reason for exit;
        hoe het eindigde; hoe geëindigd; reden uit dienst; reden vertrek; reden uitdiensttreding; ontslagreden;
        vertrekreden; reden einde dienstverband; reden ontslag; reden van vertrek; wijze van beëindiging;
        uitdienstreden; reden einde; uitstroomreden; reden uitstroom;
        soort ontslag; reden einde contract; reden beëindiging;
        Austrittsgrund; Kündigungsgrund; Kündigungsart; Grund des Austritts; Art des Ausscheidens; Beendigungsgrund;
        Grund für Austritt; Austrittsart; Art der Beendigung; Grund des Ausscheidens; wie beendet; Ausscheidegrund;
        причина увольнения; основание увольнения; причина ухода; вид увольнения; как завершилось; тип увольнения;
        статья увольнения; основание прекращения; причина прекращения; основание прекращения трудового договора;
        MASSG; ViER; terminationreason; leavingreason
    """,
    Field.LANGUAGE: """
        language; preferred language; correspondence language; communication language; mother tongue; language code;
        language preference; locale; lang;
        taal; voorkeurstaal; correspondentietaal; taalcode; voertaal; communicatietaal;
        Sprache; bevorzugte Sprache; Korrespondenzsprache; Muttersprache; Sprachschlüssel; Kommunikationssprache;
        Sprachkennzeichen;
        язык; предпочитаемый язык; язык общения; язык переписки; родной язык; язык корреспонденции;
        SPRSL; SPRAS
    """,
    # Where somebody lives, not where they work: 'country' alone says the latter.
    Field.COUNTRY: """
        country of residence; residence country; residency; home country; country of domicile; residing in;
        country of home address; home address country;
        woonland; land van verblijf; land van inwoning; land woonadres; verblijfsland;
        Wohnsitzland; Wohnland; Land des Wohnsitzes; Aufenthaltsland; Land der Wohnadresse;
        страна проживания; страна жительства; страна резидентства; страна места жительства
    """,
}

# Names that could mean two things: shown in amber and to be confirmed by whoever imports.
DOUBTFUL: Mapping[Field, str] = {
    Field.FULL_NAME: """
        name; naam; employee; medewerker; werknemer; person; persoon; Mitarbeiter; Mitarbeiterin; Person; сотрудник;
        работник; leaver; colleague; collega; имя полностью; Beschäftigter
    """,
    Field.FIRST_NAME: "initials; voorletters; Initialen; инициалы; first; voor; middle name",
    Field.LAST_NAME: "geboortenaam; birth name; maiden name; Geburtsname; meisjesnaam; девичья фамилия; last",
    Field.PREFIX: "salutation prefix; middle; titel voorvoegsel",
    Field.CALLED: "alias; roep; short name; Kurzname",
    Field.EMPLOYEE_NUMBER: """
        id; number; no; nr; nummer; Nummer; номер; code; код; user id; externe id; external id; №; uid
    """,
    # Never private by guess: a private address has rules of its own.
    Field.BUSINESS_EMAIL: """
        email; e-mail; e-mail address; mail; e-mailadres; emailadres; E-Mail-Adresse; Mailadresse; почта;
        электронная почта; адрес электронной почты; эл. почта; эл. адрес; mailadres; primary email
    """,
    Field.PRIVATE_EMAIL: "alternative email; secondary email; other email; tweede e-mail; alternatief e-mailadres",
    Field.STARTS_ON: """
        start; from; since; van; vanaf; begin; begindatum; seit; ab; von; с; начало; Anfang; ingangsdatum; DOJ
    """,
    Field.ENDS_ON: """
        end; until; to; tot; tot en met; t/m; einde; eind; Ende; bis; по; конец; окончание; дата окончания; date;
        datum;
        дата; contract end date; contract end; contract ends on; einddatum contract; einde contract; Vertragsende;
        befristet bis; Kündigungsdatum; Kündigung zum; gekündigt zum; resignation date; notice date;
        дата окончания договора;
        контракт до; Austritte; termination; contractdatum tot; DOL; resigned on
    """,
    Field.STATUS: "active; state; actief; aktiv; Zustand; активен; in service; inactive; toestand",
    Field.TITLE: "titel; Titel; grade; level; Beruf; profession; occupation",
    Field.DEPARTMENT: """
        organisation; organization; organisatie; Organisation; организация; cost center; kostenplaats; Kostenstelle;
        group; groep; Gruppe
    """,
    Field.PLACE: """
        country; land; Land; страна; region; regio; Region; регион; Ort; woonplaats; Wohnort; address; adres;
        Adresse; адрес
    """,
    Field.MANAGER: "hr contact; contact person; contactpersoon; Ansprechpartner; owner; lijnmanager naam code; head",
    Field.CONTRACT_KIND: """
        type; soort; Art; тип; вид; category; categorie; Kategorie; kind; group type; договор; Vertrag
    """,
    Field.HOW_ENDED: "reason; reden; Grund; причина; основание; remark reason; voluntary; vrijwillig; freiwillig",
    Field.LANGUAGE: "nationality; nationaliteit; speaks; spreekt",
}

# Words that only say whose column it is: 'Medewerker achternaam', 'Employee: Status'.
OWNERS = word_set(
    """
    employee worker staff leaver person persons medewerker werknemer personeel mitarbeiter mitarbeiters
    mitarbeiterin mitarbeitende сотрудник сотрудника работник работника mdw ma hr s current the der die das de
    het des
    """
)

# A column about these is never ours by a part of its name: 'Manager e-mail', 'Probezeit Ende'.
STRANGERS = word_set(
    """
    birth birthday dob born geboorte geboortedatum geboorteplaats geburt geburtsdatum geburtsort рождения
    partner spouse ehepartner bank iban emergency nood noodcontact notfall notfallkontakt probation proeftijd
    probezeit испытательного испытательный leave verlof urlaub отпуск отпуска sick ziek ziekte krank krankheit
    больничный salary salaris gehalt оклад зарплата phone telefoon telefon телефон mobile mobiel mobil bsn ssn
    снилс инн passport паспорт visa visum child kind kinder kinderen ребенка контактное
    """
)

MAIL_WORDS = word_set(
    """
    email mail emailadres mailadresse почта почты
    """
)

NUMBER_WORDS = word_set(
    """
    id nr no number nummer code код номер
    """
)

LEADERS = word_set(
    """
    manager supervisor lead leidinggevende vorgesetzter vorgesetzte vorgesetzten fuhrungskraft руководитель
    руководителя начальник начальника teamleider teamleiter chef
    """
)
