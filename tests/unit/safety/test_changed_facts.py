"""One fact of a source changed is seen, and the same fact in other words is kept."""

# ruff: noqa: E501 - a sentence broken in two is read wrong
from __future__ import annotations

import pytest

from sidecar.domain.reply import Citation, Sentence, SentenceRole
from sidecar.safety.claims import sentence_holds
from sidecar.safety.countables import countables

# A source, what it says in other words, and what it does not say.
FACTS = [
    ("You can connect up to five devices to one account.", "Up to 5 devices can be connected to an account.", "You can connect up to twelve devices to one account."),
    ("You can connect up to five devices to one account.", "You can connect five devices to one account.", "You can connect up to one device to one account."),
    ("You have five attempts before the account is locked.", "Before the account is locked you have 5 attempts.", "You have three attempts before the account is locked."),
    ("Twenty-five users share a plan.", "A plan is shared by 25 users.", "Twenty-six users share a plan."),
    ("Bis zu fünf Geräte passen in ein Konto.", "In ein Konto passen bis zu fünf Geräte.", "Bis zu zwölf Geräte passen in ein Konto."),
    ("Puede conectar hasta dos dispositivos.", "Puede conectar dos dispositivos como máximo.", "Puede conectar hasta tres dispositivos."),
    ("Può collegare fino a due dispositivi.", "Fino a due dispositivi si possono collegare, può farlo.", "Può collegare fino a sei dispositivi."),
    ("Pode ligar até cinco dispositivos à conta.", "Pode ligar à conta até 5 dispositivos.", "Pode ligar até nove dispositivos à conta."),
    ("Vous pouvez relier jusqu'à cinq appareils.", "Vous pouvez relier jusqu'à 5 appareils.", "Vous pouvez relier jusqu'à sept appareils."),
    ("Support answers from Monday to Friday until 6 pm.", "From Monday to Friday until 6 p.m. support answers.", "Support answers from Monday to Sunday until 6 pm."),
    ("Support answers from Monday to Friday until 6 pm.", "Support answers Mon-Fri until 6pm.", "Support answers from Monday to Friday until 6 am."),
    ("Die Rückgabe ist am Montag möglich.", "Am Montag ist die Rückgabe möglich.", "Die Rückgabe ist am Sonntag möglich."),
    ("L'atelier ouvre le lundi à 9 heures du matin.", "L'atelier ouvre lundi à 9 heures du matin.", "L'atelier ouvre le mardi à 9 heures du matin."),
    ("La tienda abre los lunes a las 9 de la mañana.", "Los lunes la tienda abre a las 9 de la mañana.", "La tienda abre los lunes a las 9 de la noche."),
    ("A loja abre de segunda a sexta.", "A loja abre de segunda-feira a sexta-feira.", "A loja abre de segunda a domingo."),
    ("Il negozio apre venerdì.", "Venerdì apre il negozio.", "Il negozio apre giovedì."),
    ("The plan renews in May each year.", "Each year the plan renews in May.", "The plan renews in March each year."),
    ("The plan was renewed on 12 May 2026.", "The plan was renewed in May.", "The plan was renewed in June."),
    ("Der Tarif beginnt im Mai.", "Im Mai beginnt der Tarif.", "Der Tarif beginnt im März."),
    ("The return fee is $20 per parcel.", "The return fee is 20 dollars per parcel.", "The return fee is ¥20 per parcel."),
    ("The return fee is 20 € per parcel.", "The return fee per parcel is EUR 20.", "The return fee is 20 zł per parcel."),
    ("The return fee is 20 USD per parcel.", "The return fee is US$20 per parcel.", "The return fee is 20 CAD per parcel."),
    ("The return fee is 20 SEK per parcel.", "The return fee per parcel is SEK 20.", "The return fee is 20 NOK per parcel."),
    ("Keep the device below 30 °C during storage.", "During storage keep the device below 30 degrees Celsius.", "Keep the device below 30 °F during storage."),
    ("The battery weighs 10 g in total.", "In total the battery weighs 10 grams.", "The battery weighs 10 kg in total."),
    ("Charge the device at 12 volts overnight.", "Charge the device overnight at 12 V.", "Charge the device at 12 amps overnight."),
    ("The plan costs $5 per month.", "Per month the plan costs 5 USD.", "The plan costs $5k per month."),
    ("The plan costs 5 per month.", "The plan costs 5 each month.", "The plan costs 5 million per month."),
    ("The plan costs $5,000 per year.", "The plan costs $5k per year.", "The plan costs $5 per year."),
    ("The warranty covers a thousand kilometres.", "The warranty covers 1,000 kilometres.", "The warranty covers a million kilometres."),
    ("Keep the data for forty days.", "Keep the data for 40 days.", "Keep the data for forty hours."),
    ("The temperature may fall to 20 degrees.", "The temperature may fall to twenty degrees.", "The temperature may fall to -20 degrees."),
    ("The temperature may fall to -20 degrees.", "The temperature may fall to minus 20 degrees.", "The temperature may fall to 20 degrees."),
    ("The battery lasts 3-5 years.", "The battery lasts 3 to 5 years.", "The battery lasts -3 years."),
    ("Refunds take 5 business days.", "Refunds take 5 working days.", "Refunds take 5 days."),
    ("You can pay once a month.", "Once a month you can pay.", "You can pay twice a month."),
    ("Débranchez l'appareil avant la mise à jour du logiciel.", "Avant la mise à jour du logiciel, débranchez l'appareil.", "Débranchez l'appareil après la mise à jour du logiciel."),
    ("La devolución es posible antes de abrir el paquete.", "Antes de abrir el paquete es posible la devolución.", "La devolución es posible después de abrir el paquete."),
    ("Il reso è possibile prima dell'apertura del pacco.", "Prima dell'apertura del pacco il reso è possibile.", "Il reso è possibile dopo l'apertura del pacco."),
    ("A devolução é possível antes da abertura.", "Antes da abertura a devolução é possível.", "A devolução é possível depois da abertura."),
    ("Le remboursement est gratuit pour les clients.", "Pour les clients, le remboursement est gratuit.", "Le remboursement est payant pour les clients."),
    ("The fee is 20 percent higher than the list price.", "The fee is higher than the list price by 20 percent.", "The fee is 20 percent lower than the list price."),
    ("Only administrators can delete the workspace.", "The workspace can be deleted by administrators only.", "Everyone can delete the workspace."),
    ("Only administrators can delete the workspace.", "Only administrators may delete the workspace.", "Administrators and all users can delete the workspace."),
    ("The refund is the full price of the device.", "The full price of the device is the refund.", "The refund is half of the price of the device."),
]  # fmt: skip
# What looks like a number, a day or a month and is none.
NONE_COUNTED = [
    ("The account that you use can be deleted.", "You can delete the account, the one that you use."),
    ("Press the button in the settings.", "In the settings, one of the buttons is the button to press."),
    ("You may leave the workspace in the settings.", "In the settings you may leave the workspace."),
    ("Das Gerät wird aus dem Schrank genommen, wenn es bereit ist.", "Das Gerät wird aus dem Schrank genommen, es sei bereit."),
    ("The invoice is due at the end of the period.", "At the end of the period the invoice is due."),
    ("Connect an account to the portal.", "Connect one account to the portal."),
]  # fmt: skip


def _holds(text: str, source: str) -> bool:
    cited = Citation(1, "p1", "d1", "Title", "", source)
    return sentence_holds(Sentence(text, SentenceRole.FACT, (1,)), [cited], [source])


@pytest.mark.parametrize(("source", "said", "changed"), FACTS)
def test_a_changed_fact_is_told_from_one_in_other_words(
    source: str, said: str, changed: str
) -> None:
    """A number in words, day, half of the day, month, money, unit, sign, scale, opposite."""
    assert _holds(said, source)
    assert not _holds(changed, source)


@pytest.mark.parametrize(("source", "said"), NONE_COUNTED)
def test_a_word_that_looks_like_a_count_is_none(source: str, said: str) -> None:
    """Pronouns, "may", "due" and "sei" count nothing."""
    assert _holds(said, source)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5k", "5.000"),
        ("5 Mio.", "5 million"),
        ("1.5 million", "1,500,000"),
        ("cinco mil", "5000"),
        ("twenty-five", "fünfundzwanzig"),
        ("treinta y cinco", "35"),
        ("vinte e cinco", "25"),
        ("-20", "minus 20"),
        ("\u221220", "-20"),
    ],
)
def test_ways_to_write_an_amount_are_one(one: str, other: str) -> None:
    """Thousands, millions, numerals and signs come to one form."""
    assert countables(one).amounts == countables(other).amounts
