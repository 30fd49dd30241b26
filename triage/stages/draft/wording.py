"""Words a letter needs for codes of the taxonomy: what is missing, what is demanded; Polish after "Prosimy o:"."""

from __future__ import annotations

from collections.abc import Mapping

EVIDENCE: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "order_no": "numer zamówienia lub inny dowód zakupu",
        "product": "nazwę i model produktu",
        "delivery_date": "datę otrzymania towaru",
        "purchase_date": "datę zakupu",
        "fault": "opis wady: co się dzieje, kiedy i jak często",
        "serial": "numer seryjny z tabliczki znamionowej",
        "photo": "zdjęcia lub krótki film pokazujący problem",
        "remedy": "informację, czego Państwo oczekują (na przykład naprawy lub wymiany)",
        "guarantee_card": "kartę gwarancyjną lub inny dokument gwarancji",
        "waybill": "numer przesyłki (listu przewozowego)",
        "amount": "kwotę, której dotyczy sprawa",
        "rma_no": "numer sprawy lub RMA",
        "error_code": "kod błędu z wyświetlacza lub opis sygnałów diod",
        "part_no": "numer części lub jej zdjęcie",
        "batch": "numer partii",
        "injury": "informację, czy ktoś doznał obrażeń",
        "contract_no": "numer umowy",
        "quantity": "liczbę sztuk, których dotyczy zgłoszenie",
        "firmware": "wersję aplikacji lub oprogramowania",
    },
    "en": {
        "order_no": "the order number or any other proof of purchase",
        "product": "the product name and model",
        "delivery_date": "the date you received the goods",
        "purchase_date": "the date of purchase",
        "fault": "a description of the fault: what happens, when and how often",
        "serial": "the serial number from the rating plate",
        "photo": "photos or a short video of the problem",
        "remedy": "what you would like us to do (for example repair or replacement)",
        "guarantee_card": "the guarantee card or another guarantee document",
        "waybill": "the parcel (waybill) number",
        "amount": "the amount in question",
        "rma_no": "the case or RMA number",
        "error_code": "the error code shown, or what the lights do",
        "part_no": "the part number or a photo of the part",
        "batch": "the batch number",
        "injury": "whether anyone was hurt",
        "contract_no": "the contract number",
        "quantity": "the number of units affected",
        "firmware": "the app or firmware version",
    },
}

DEMANDS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "NAPRAWA": "naprawa",
        "WYMIANA": "wymiana",
        "OBNIZENIE": "obniżenie ceny",
        "ODSTAPIENIE": "zwrot pieniędzy",
        "ZWROT14": "zwrot towaru",
        "CZESC": "dosłanie części",
        "ODSZKODOWANIE": "odszkodowanie lub zwrot kosztów",
        "PRZEPROSINY": "przeprosiny",
    },
    "en": {
        "NAPRAWA": "repair",
        "WYMIANA": "replacement",
        "OBNIZENIE": "price reduction",
        "ODSTAPIENIE": "refund",
        "ZWROT14": "return of the goods",
        "CZESC": "sending the missing part",
        "ODSZKODOWANIE": "compensation or refund of costs",
        "PRZEPROSINY": "an apology",
    },
}
