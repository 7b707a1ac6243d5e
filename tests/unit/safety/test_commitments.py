"""Promises and requests for secrets: never without a source, politeness always."""

# ruff: noqa: E501 - a sentence broken in two is read wrong
from __future__ import annotations

import pytest

from sidecar.domain.reply import Sentence, SentenceRole
from sidecar.safety.claims import sentence_holds
from sidecar.safety.commitments import asks_for_secrets, commits
from sidecar.safety.grounding import brings_nothing_new

PROMISES = (
    "Your refund has been approved.",
    "Your refund has been approved and we will return your money in full.",
    "We will refund you in full.",
    "We have cancelled your subscription and returned your money.",
    "Your device is covered by the warranty.",
    "You do not have to pay anything.",
    "We will replace the device free of charge.",
    "Would you like the full refund that you are entitled to?",
    "You may keep the device and get your money back.",
    "Your account will be deleted.",
    "You will receive a full refund.",
    "We confirm that your refund has been approved.",
    "We'll credit the amount to your account.",
    "We're refunding your order.",
    "Did you know that your refund has been approved?",
    "Our team has already compensated you.",
    "Ihre Erstattung wurde genehmigt.",
    "Wir erstatten Ihnen den vollen Betrag.",
    "Wir haben Ihr Abonnement storniert.",
    "Gerne ersetzen wir das Gerät.",
    "Sie bekommen Ihr Geld zurück.",
    "Der Ersatz ist kostenlos.",
    "Ihr Konto wird gelöscht.",
    "Votre remboursement a été approuvé.",
    "Nous vous rembourserons intégralement.",
    "Nous avons annulé votre abonnement.",
    "Vous serez remboursé.",
    "Le remplacement est sans frais.",
    "Su reembolso ha sido aprobado.",
    "Le devolveremos el dinero.",
    "Hemos cancelado su suscripción.",
    "Recibirá un reembolso completo.",
    "Reemplazaremos el dispositivo sin coste.",
    "O seu reembolso foi aprovado.",
    "Devolveremos o seu dinheiro.",
    "Já cancelámos a sua assinatura.",
    "Receberá um reembolso total.",
    "Substituiremos o dispositivo sem custos.",
    "Il suo rimborso è stato approvato.",
    "La rimborseremo integralmente.",
    "Abbiamo annullato il suo abbonamento.",
    "Riceverà un rimborso completo.",
    "Sostituiremo il dispositivo gratuitamente.",
)

POLITE = (
    "We understand that you would like a refund.",
    "We have received your request to cancel the subscription.",
    "You write that your order has been cancelled.",
    "We will check whether your refund has been approved.",
    "Would you like us to cancel the order?",
    "Has your refund been approved already?",
    "Did you receive a refund?",
    "We are sorry that you have not received your refund yet.",
    "It is about your return or refund.",
    "A colleague will look at your refund request.",
    "We will write to you as soon as your refund has been approved.",
    "We have forwarded your request to the team that handles refunds.",
    "Thank you for your message about the return.",
    "Please tell us the order number so that we can look at your refund.",
    "Do you want a replacement or a refund?",
    "We cannot tell from here why your order was cancelled.",
    "Wir prüfen, ob wir Ihnen das Geld erstatten können.",
    "Möchten Sie, dass wir die Bestellung stornieren?",
    "Es geht um Ihre Rücksendung oder Erstattung.",
    "Wir verstehen, dass Sie eine Erstattung wünschen.",
    "Wir haben Ihre Anfrage zur Erstattung weitergeleitet.",
    "Nous vérifions si votre remboursement a été approuvé.",
    "Nous comprenons que vous souhaitez un remboursement.",
    "Souhaitez-vous annuler la commande ?",
    "Nous avons bien reçu votre demande de remboursement.",
    "Comprobaremos si el reembolso ha sido aprobado.",
    "Entendemos que desea un reembolso.",
    "Hemos recibido su solicitud de reembolso.",
    "Recebemos o seu pedido de reembolso.",
    "Vamos verificar se o reembolso foi aprovado.",
    "Abbiamo ricevuto la sua richiesta di rimborso.",
    "Verificheremo se il rimborso è stato approvato.",
    "Hello and thank you for writing to us.",
    "I have passed this on to our billing team.",
    "We have noted that the service is not available to you.",
    "Thank you; your ticket NWH-1001 is with us.",
    "We will return to you with an answer.",
    "Your message has been forwarded to the right team.",
    "Is it still under warranty?",
    "Vielen Dank, wir melden uns, sobald wir mehr wissen.",
    "Wir können das von hier aus nicht sehen.",
)

WANT_SECRETS = (
    "Please send us your password so that we can help.",
    "Please reply with your card number and the security code.",
    "Please reply with your password and the security code of your card.",
    "Could you tell us the PIN of your card?",
    "What is your password?",
    "We need your one-time code to go on.",
    "Do not hesitate to send us your password.",
    "Please confirm your password.",
    "Let us know the verification code you received.",
    "Bitte senden Sie uns Ihr Passwort.",
    "Bitte teilen Sie uns Ihre Kartennummer und den Sicherheitscode mit.",
    "Wie lautet Ihr Passwort?",
    "Ihr Kennwort bitte einfach per Antwort schicken.",
    "Veuillez nous envoyer votre mot de passe.",
    "Quel est votre mot de passe ?",
    "Pouvez-vous nous communiquer le numéro de votre carte ?",
    "Por favor, envíenos su contraseña.",
    "¿Cuál es su contraseña?",
    "Indíquenos el número de su tarjeta y el código de seguridad.",
    "Envie-nos a sua senha, por favor.",
    "Qual é a sua palavra-passe?",
    "Responda com o número do cartão e o código de segurança.",
    "Ci invii la sua password.",
    "Qual è la sua password?",
    "Risponda con il numero della carta e il codice di sicurezza.",
)

WANT_NONE = (
    "Merci de ne pas nous envoyer de mot de passe.",
    "Please do not send us your password.",
    "Please never share your password or PIN with anyone.",
    "Could you send us an example of the request and of the answer, without keys or passwords?",
    "Have you tried to reset your password?",
    "Please tell us whether you have reset your password.",
    "Which message appears when you enter your password?",
    "Could you send us a screenshot of the password page?",
    "We will send you a link for a new password.",
    "Please send us the order number.",
    "What is the serial number of the device?",
    "It is about your password.",
    "We understand that you forgot your password.",
    "Bitte senden Sie uns kein Passwort.",
    "Haben Sie versucht, Ihr Passwort zurückzusetzen?",
    "Können Sie uns ein Beispiel der Anfrage und der Antwort schicken, ohne Schlüssel und Passwörter?",
    "No nos envíe su contraseña.",
    "¿Puede enviarnos un ejemplo de la petición y de la respuesta, sin claves ni contraseñas?",
    "Por favor, não nos envie a sua senha.",
    "Non ci invii mai la sua password.",
    "Per favore, non ci invii la password.",
    "Avez-vous essayé de réinitialiser votre mot de passe ?",
    "Could you send us the exact text of the error message that appears when you reset your password?",
)

THANKS = (
    "Hello and thank you for writing to us.",
    "Thanks for reaching out.",
    "Thank you for contacting us about this.",
    "Vielen Dank, dass Sie uns geschrieben haben.",
    "Danke für Ihre Kontaktaufnahme.",
    "Merci de nous avoir contactés.",
    "Gracias por escribirnos.",
    "Obrigado por entrar em contato.",
    "Grazie per averci scritto.",
)


def _frames(text: str) -> set[bool]:
    roles = (role for role in SentenceRole if role is not SentenceRole.FACT)
    return {sentence_holds(Sentence(text, role), [], []) for role in roles}


@pytest.mark.parametrize("text", PROMISES)
def test_a_promise_is_refused_whatever_it_is_called(text: str) -> None:
    """Money back, approved, cancelled, replaced, deleted or free needs a source."""
    assert commits(text)
    assert _frames(text) == {False}


@pytest.mark.parametrize("text", WANT_SECRETS)
def test_a_secret_is_asked_for_by_nobody(text: str) -> None:
    """No sentence wants to be told a password, PIN, card number or code."""
    assert asks_for_secrets(text)
    assert _frames(text) == {False}


@pytest.mark.parametrize("text", POLITE + WANT_NONE + THANKS)
def test_what_binds_nobody_holds(text: str) -> None:
    """Questions, conditions, the customer's wish and warnings pass without a source."""
    assert not commits(text)
    assert not asks_for_secrets(text)
    assert _frames(text) == {True}


@pytest.mark.parametrize("text", THANKS)
def test_thanks_for_a_message_are_the_desk_s_own_words(text: str) -> None:
    """Writing, contacting and reaching out are what customers do at a desk."""
    assert brings_nothing_new(text, ())
