"""What HR's files write for how a stint ended, the kind of a contract, a status and a language.

The codes themselves need not be listed. In a `WEAK_` list stands what gives way to any other word in the same cell.
"""

from collections.abc import Mapping

from perennial.intake.enums import Language
from perennial.people.enums import ContractKind, HowEnded, StintStatus

HOW_ENDED: Mapping[HowEnded, str] = {
    HowEnded.RESIGNATION: """
        resigned; voluntary; voluntary resignation; voluntary termination; quit; own request; employee request;
        left voluntarily; by employee; notice by employee; employee resignation; voluntarily;
        ontslag genomen; eigen verzoek; op eigen verzoek; vrijwillig; eigen ontslag; zelf opgezegd; ontslagname;
        opzegging werknemer; opzegging door werknemer; vrijwillig vertrek; ontslag op eigen verzoek;
        eigen opzegging;
        Eigenkündigung; Kündigung durch Arbeitnehmer; Kündigung durch Mitarbeiter; freiwillig; auf eigenen Wunsch;
        Arbeitnehmerkündigung; Kündigung AN; AN-Kündigung; Kündigung seitens Arbeitnehmer;
        Kündigung durch den Arbeitnehmer; gekündigt durch Arbeitnehmer; Arbeitnehmer;
        собственное желание; по собственному желанию; по инициативе работника; инициатива работника; добровольно;
        увольнение по собственному желанию; п. 3 ч. 1 ст. 77; п 3 ч 1 ст 77 ТК РФ
    """,
    HowEnded.DISMISSAL: """
        dismissed; fired; involuntary; involuntary termination; terminated by employer; for cause; terminated;
        termination for cause; by employer; summary dismissal; discharge; misconduct; performance; involuntarily;
        ontslagen; ontslag; ontslag op staande voet; ontslag door werkgever; opzegging werkgever; disfunctioneren;
        opzegging door werkgever; ontslag via kantonrechter; ontbinding kantonrechter; op staande voet;
        Arbeitgeberkündigung; Kündigung durch Arbeitgeber; fristlose Kündigung; entlassen; Entlassung;
        AG-Kündigung;
        verhaltensbedingte Kündigung; personenbedingte Kündigung; außerordentliche Kündigung; Kündigung AG;
        Kündigung durch den Arbeitgeber; unfreiwillig; Arbeitgeber; gekündigt durch Arbeitgeber;
        verhaltensbedingt;
        увольнение; уволен; по инициативе работодателя; инициатива работодателя; за нарушение; прогул;
        за нарушение дисциплины; увольнение по инициативе работодателя; недобровольно
    """,
    HowEnded.REDUNDANCY: """
        redundant; voluntary redundancy; laid off; layoff; lay-off; reduction in force; RIF; restructuring;
        reorganisation;
        reorganization;
        position eliminated; job elimination; economic reasons; made redundant; downsizing;
        boventallig; reorganisatie; bedrijfseconomisch; bedrijfseconomische redenen; boventalligheid;
        collectief ontslag;
        ontslag bedrijfseconomisch; bedrijfseconomisch ontslag; sociaal plan;
        betriebsbedingt; betriebsbedingte Kündigung; Stellenabbau; Umstrukturierung; Personalabbau; Sozialplan;
        betriebsbedingt gekündigt;
        сокращение; по сокращению; сокращение штата; сокращение штатов; реорганизация; сокращение численности;
        ликвидация; ликвидация организации; увольнение по сокращению
    """,
    HowEnded.END_OF_CONTRACT: """
        end of contract; contract ended; contract end; contract expired; expiry; expired; fixed term ended;
        end of fixed term; end of temporary contract; contract expiration; end of term; end of assignment;
        contract not renewed; non-renewal; end of internship; internship ended; completion of contract;
        einde contract; contract afgelopen; einde bepaalde tijd; contract niet verlengd; niet verlengd;
        van rechtswege;
        einde tijdelijk contract; afloop contract; einde contract bepaalde tijd; einde stage;
        einde van rechtswege;
        contract verlopen; afgelopen;
        Vertragsende; Befristung; Ende der Befristung; Zeitablauf; Ablauf der Befristung; Fristablauf;
        Befristungsende;
        Ende befristeter Vertrag; Vertragsablauf; ausgelaufen; Ende Praktikum; Ablauf des Vertrags;
        Ende des Vertrags;
        окончание договора; истечение срока; истечение срока договора; окончание срока; конец договора;
        окончание контракта;
        истечение срока трудового договора; срочный договор; истек срок договора; истёк срок договора
    """,
    HowEnded.RETIREMENT: """
        retired; pension; early retirement; pensioned; retire; normal retirement;
        pensioen; met pensioen; pensionering; vervroegd pensioen; AOW; vroegpensioen; prepensioen; FPU;
        Rente; Ruhestand; Pensionierung; Renteneintritt; Pension; Altersrente; Altersteilzeit; Vorruhestand;
        Verrentung;
        пенсия; на пенсию; выход на пенсию; пенсионер; уход на пенсию; по пенсии; в связи с выходом на пенсию
    """,
    HowEnded.DEATH: """
        died; deceased; passed away; death in service;
        overleden; overlijden; overlijden werknemer; sterfgeval;
        Tod; verstorben; gestorben; Todesfall; Tod des Arbeitnehmers;
        смерть; умер; умерла; скончался; скончалась; смерть работника; кончина
    """,
    HowEnded.MUTUAL_AGREEMENT: """
        mutual; by mutual agreement; mutual consent; by mutual consent; settlement; settlement agreement;
        mutually agreed; termination agreement; severance agreement; mutual separation; mutual termination;
        wederzijds goedvinden; met wederzijds goedvinden; vaststellingsovereenkomst; VSO; in onderling overleg;
        onderling overleg; beëindigingsovereenkomst; wederzijds;
        Aufhebungsvertrag; einvernehmlich; Aufhebung; im gegenseitigen Einvernehmen; Auflösungsvertrag;
        gegenseitiges Einvernehmen; in beiderseitigem Einvernehmen; einvernehmliche Auflösung;
        beiderseitiges Einvernehmen;
        соглашение сторон; по соглашению сторон; по соглашению; взаимное согласие; по обоюдному согласию
    """,
    HowEnded.OTHER: """
        misc; miscellaneous; other reason; various; anders; overig; overige; andere reden; diverse; Sonstiges;
        sonstige; andere; anderer Grund; другое; прочее; иное; прочие; другая причина; иные основания
    """,
}

WEAK_HOW_ENDED = """
    ontslag; ontslagen; dismissal; dismissed; terminated; entlassen; entlassung; увольнение; уволен; by employer;
    voluntary; vrijwillig; freiwillig; voluntarily; pension; pensioen
"""

CONTRACT_KIND: Mapping[ContractKind, str] = {
    ContractKind.EMPLOYEE: """
        permanent; regular; full time; full-time; fulltime; part time; part-time; parttime; indefinite; staff;
        salaried;
        permanent employee; open-ended; internal; internal employee; FTE; permanent contract; regular employee;
        perm;
        vast; vaste dienst; onbepaalde tijd; vast contract; vast dienstverband; voltijd; deeltijd; werknemer;
        medewerker;
        contract onbepaalde tijd; onbepaald; intern dienstverband; in loondienst; loondienst; arbeidsovereenkomst;
        unbefristet; festangestellt; Festanstellung; Vollzeit; Teilzeit; Angestellter; Angestellte; Mitarbeiter;
        fest;
        unbefristeter Vertrag; Arbeitnehmer; Tarifangestellter; interner Mitarbeiter; Minijob;
        geringfügig beschäftigt;
        постоянный; бессрочный; основной; полная занятость; трудовой договор; штатный; основное место работы;
        в штате;
        бессрочный договор; частичная занятость; постоянная; штатный сотрудник; неполная занятость
    """,
    ContractKind.TEMPORARY: """
        temp; fixed term; fixed-term; temporary employee; temporary contract; limited; agency; seasonal; casual;
        agency worker;
        fixed term contract; temporary worker; limited term; on call; on-call; term contract; fixed-term employee;
        tijdelijk; bepaalde tijd; tijdelijk contract; uitzendkracht; oproep; oproepkracht; contract bepaalde tijd;
        jaarcontract; uitzend; nul uren; nulurencontract; inval; seizoen; detachering; gedetacheerd;
        tijdelijk dienstverband;
        befristet; Zeitarbeit; Aushilfe; Leiharbeit; befristeter Vertrag; Zeitvertrag; Leiharbeitnehmer;
        Zeitarbeiter;
        Saisonkraft; Zeitarbeitnehmer; befristet angestellt;
        временный; срочный; срочный договор; сезонный; временная работа; срочный трудовой договор; временно;
        временная
    """,
    ContractKind.FREELANCER: """
        freelance; contractor; consultant; external; self-employed; self employed; independent contractor;
        contingent worker; contingent; vendor; external employee; hired;
        zzp; zzp'er; zelfstandige; inhuur; extern; ingehuurd; interim; externe; freelance medewerker;
        inhuurkracht;
        Freiberufler; Selbstständiger; selbstständig; externer Mitarbeiter; freier Mitarbeiter; Honorarkraft;
        freie Mitarbeit;
        Werkvertrag; externer; freiberuflich;
        фрилансер; подрядчик; ГПХ; договор ГПХ; самозанятый; внештатный; самозанятая; договор подряда;
        внештатник; ИП;
        гражданско-правовой договор; внешний
    """,
    ContractKind.INTERN: """
        internship; trainee; apprentice; apprenticeship; student; working student; graduate trainee; placement;
        co-op;
        stagiair; stagiaire; stage; leerling; werkstudent; BBL; leerwerkovereenkomst; stageovereenkomst;
        traineeship;
        Praktikant; Praktikantin; Praktikum; Azubi; Auszubildender; Auszubildende; Werkstudent; Werkstudentin;
        Ausbildung;
        dualer Student; Volontär; Referendar; Lehrling;
        стажёр; стажер; практикант; ученик; стажировка; практика; ученический договор; студент
    """,
    ContractKind.RETIREE: """
        retired; pensioner; retired employee;
        gepensioneerd; gepensioneerde; pensioen; pensionado;
        Rentner; Rentnerin; Pensionär; Pensionärin; im Ruhestand;
        пенсионер; пенсионерка
    """,
    ContractKind.OTHER: """
        misc; volunteer; board member; anders; overig; vrijwilliger; Sonstige; Sonstiges; andere; Ehrenamt;
        ehrenamtlich; Vorstand; другое; прочее; иное; волонтёр; волонтер
    """,
}

WEAK_CONTRACT_KIND = """
    full time; fulltime; part time; parttime; voltijd; deeltijd; Vollzeit; Teilzeit; полная занятость;
    неполная занятость; частичная занятость; employee; werknemer; medewerker; Mitarbeiter; Arbeitnehmer; staff;
    трудовой договор; arbeidsovereenkomst; internal; external; extern; employee contract
"""

STATUS: Mapping[StintStatus, str] = {
    StintStatus.ACTIVE: """
        works here; employed; in service; current; working; on leave; yes; y; true; 1; A; active employee; on board;
        onboarding;
        parental leave; sick leave; paid leave; hired; unpaid leave; probation; ACT; 3;
        actief; in dienst; werkzaam; ja; ziek; met verlof; proeftijd; waar; in loondienst; in proeftijd;
        aktiv; beschäftigt; im Dienst; Elternzeit; wahr; Probezeit; angestellt; in Beschäftigung; in Elternzeit;
        активен; активный; активная; работает; работа; да; в отпуске; декрет; принят; действующий; отпуск;
        больничный;
        в декрете; на больничном; командировка; истина; активна; испытательный срок
    """,
    StintStatus.LEAVING: """
        is leaving; notice; on notice; notice period; serving notice; resigned; notice given; pending termination;
        offboarding;
        resigning; under notice; garden leave; exit in progress; leaves; about to leave; departing; leaver;
        vertrekt; gaat uit dienst; opgezegd; opzegtermijn; in opzegging; vertrekkend; gaat weg; in opzegtermijn;
        uit dienst per; ontslag ingediend; vertrekker;
        scheidet aus; gekündigt; in Kündigung; Kündigungsfrist; ausscheidend; austretend; verlässt uns;
        in Kündigungsfrist;
        freigestellt;
        увольняется; на отработке; уходит; отработка; подал заявление; подала заявление; в процессе увольнения
    """,
    StintStatus.LEFT: """
        has left; inactive; terminated; former; ex; ex-employee; not active; out of service; no; n; false; 0; departed;
        gone;
        left company; alumnus; alumna; separated; withdrawn; former employee; alumni; deactivated; retired;
        disabled;
        uit dienst; inactief; niet actief; weg; vertrokken; nee; oud-medewerker; uitdienst; gepensioneerd; onwaar;
        ex-medewerker; niet meer in dienst; ontslagen; archief;
        inaktiv; ausgeschieden; ausgetreten; ehemalig; nein; nicht aktiv; ehemaliger Mitarbeiter; ehemalige;
        falsch;
        entlassen; in Rente; im Ruhestand; ausgeschiedener Mitarbeiter; Austritt; ehemaliger;
        уволен; уволена; неактивен; ушел; ушёл; бывший; нет; не работает; увольнение; неактивный; неактивна;
        ложь; ушла;
        бывший сотрудник; бывшая; на пенсии; уволенный
    """,
    StintStatus.UNKNOWN: "unknown; not known; onbekend; unbekannt; неизвестно",
}

WEAK_STATUS = (
    "active; actief; aktiv; активен; активный; активная; in dienst; employed; working; работает; true; unknown"
)

# The one-letter codes are SAP's. A language we don't write in is no error: the organisation's own is used.
LANGUAGE: Mapping[Language, str] = {
    Language.EN: "eng; english; Engels; Englisch; английский; E; GB; UK; US; en gb; en us; английский язык",
    Language.NL: """
        nld; dut; dutch; Nederlands; Niederländisch; нидерландский; голландский; N; nl nl; nl be; Hollands;
        Vlaams;
        Flemish; Holländisch; нидерландский язык; Flämisch
    """,
    Language.DE: "deu; ger; german; Duits; Deutsch; немецкий; D; de de; de at; de ch; немецкий язык",
    Language.RU: "rus; russian; Russisch; русский; R; ru ru; русский язык; Russisches",
}
