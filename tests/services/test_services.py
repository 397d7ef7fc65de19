"""The servers of the tests do what the other tests rely on: they answer, they can be killed, and they keep what they confirmed."""

import os
import smtplib
import ssl
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pika
import psycopg
import pytest

from tests.services import postgres as postgres_service
from tests.services import provision
from tests.services import rabbitmq as rabbitmq_service
from tests.services.mail_catcher import ACCEPT_AND_HANG_UP, HANG_UP, MailCatcher, MailCatcherProcess, Tls
from tests.services.postgres import PostgresServer
from tests.services.process import ServiceError, wait_until
from tests.services.provision import Program
from tests.services.rabbitmq import RabbitServer, vhost_of

MAIL = b"From: a@shop.example\r\nTo: b@buyer.example\r\nSubject: =?utf-8?q?Rechnung_=C3=84?=\r\n\r\n.dot\r\n"


def test_each_database_is_new_and_empty(database_url: str, postgres: PostgresServer) -> None:
    if database_url.startswith("sqlite"):
        assert not Path(database_url.removeprefix("sqlite:///")).exists()
        return

    with psycopg.connect(database_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()

    assert tables == (0,)
    assert database_url != postgres.create_database()


def test_a_template_is_filled_once_and_copied(postgres: PostgresServer) -> None:
    filled: list[str] = []

    def fill(url: str) -> None:
        filled.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE note AS SELECT 'kept' AS text")

    urls = [postgres.create_database(postgres.template("test_services", fill)) for _ in range(2)]

    assert len(filled) == 1
    for url in urls:
        assert rows(url, "SELECT text FROM note") == [("kept",)]


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_committed_row_survives_a_kill_of_postgres(killable_postgres: PostgresServer, attempt: int) -> None:
    url = killable_postgres.create_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE note AS SELECT %s::integer AS attempt", [attempt])

    killable_postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    killable_postgres.start()

    assert [(attempt,)] == rows(url, "SELECT attempt FROM note")


def test_postgres_restarts_on_the_same_port_with_its_data(killable_postgres: PostgresServer) -> None:
    url = killable_postgres.create_database()

    killable_postgres.restart()

    assert rows(url, "SELECT 1") == [(1,)]


def test_a_virtual_host_is_new_and_empty(broker_url: str, rabbitmq: RabbitServer) -> None:
    assert rabbitmq.api("GET", f"/api/queues/{vhost_of(broker_url)}") == []
    assert broker_url != rabbitmq.url()


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_confirmed_message_in_a_quorum_queue_survives_a_kill_of_rabbitmq(killable_rabbitmq: RabbitServer, attempt: int) -> None:
    url = killable_rabbitmq.create_vhost()
    body = f"attempt {attempt}".encode()
    with closing(connect(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("notes", durable=True, arguments={"x-queue-type": "quorum"})
        channel.basic_publish("", "notes", body, pika.BasicProperties(delivery_mode=2), mandatory=True)

    killable_rabbitmq.kill()
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        connect(url)
    killable_rabbitmq.start()

    with closing(connect(url)) as connection:
        found: list[bytes] = []
        channel = connection.channel()
        wait_until(lambda: get(channel, found), "the message to be there again", timeout_s=20)
    assert [body] == found


def test_rabbitmq_restarts_on_the_same_port_with_its_data(killable_rabbitmq: RabbitServer) -> None:
    url = killable_rabbitmq.create_vhost()

    killable_rabbitmq.restart()

    connect(url).close()


def test_the_settings_reach_rabbitmq(killable_rabbitmq: RabbitServer) -> None:
    assert killable_rabbitmq.api("GET", "/api/overview")["rates_mode"] == "none"


def test_a_mail_is_caught_with_its_envelope(mail_catcher: MailCatcher) -> None:
    send(mail_catcher)

    (mail,) = mail_catcher.wait_for(1)
    assert (mail.envelope_from, mail.envelope_to, mail.subject, mail.content) == (
        "a@shop.example",
        ("b@buyer.example",),
        "Rechnung Ä",
        MAIL,
    )


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("reply", ["451 4.3.0 later", "550 5.7.1 never"])
def test_a_reply_is_given_once_at_the_verb_that_the_test_names(mail_catcher: MailCatcher, verb: str, reply: str) -> None:
    mail_catcher.reply(verb, reply)
    if verb == "EHLO":
        mail_catcher.reply("HELO", reply)

    with pytest.raises(smtplib.SMTPException):
        send(mail_catcher)
    assert mail_catcher.mails == []
    send(mail_catcher)

    assert len(mail_catcher.mails) == 1


@pytest.mark.parametrize(("reply", "kept"), [(HANG_UP, 0), (ACCEPT_AND_HANG_UP, 1)])
def test_the_connection_ends_between_the_content_and_the_answer(mail_catcher: MailCatcher, reply: str, kept: int) -> None:
    mail_catcher.reply(".", reply)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mail_catcher)

    assert kept == len(mail_catcher.mails)


@pytest.mark.parametrize("tls", list(Tls))
@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
def test_a_log_in_is_required_on_every_kind_of_connection(tls: Tls, mechanism: str) -> None:
    with MailCatcher(tls=tls, credentials=("us", "p@ss")) as catcher:
        with pytest.raises(smtplib.SMTPException):
            send(catcher)
        with connect_mail(catcher) as client:
            client.user, client.password = "us", "wrong"
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.auth(mechanism[5:].upper(), getattr(client, mechanism))
        with connect_mail(catcher) as client:
            client.user, client.password = "us", "p@ss"
            client.auth(mechanism[5:].upper(), getattr(client, mechanism))
            client.sendmail("a@shop.example", ["b@buyer.example"], MAIL)

        assert [mail.user for mail in catcher.mails] == ["us"]


def test_starttls_can_be_insisted_on() -> None:
    with MailCatcher(tls=Tls.REQUIRED) as catcher, smtplib.SMTP("127.0.0.1", catcher.port, "client.example") as client:
        with pytest.raises(smtplib.SMTPException):
            client.sendmail("a@shop.example", ["b@buyer.example"], MAIL)
        send(catcher)

        assert len(catcher.mails) == 1


def test_the_certificate_is_refused_by_a_client_that_does_not_know_its_authority() -> None:
    with MailCatcher(tls=Tls.IMPLICIT) as catcher, pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL("127.0.0.1", catcher.port, "client.example", context=ssl.create_default_context())


def test_a_stopped_mail_server_refuses_and_comes_back_with_its_mails(mail_catcher: MailCatcher) -> None:
    send(mail_catcher)

    mail_catcher.stop()
    with pytest.raises(OSError, match="refused"):
        send(mail_catcher)
    mail_catcher.start()
    send(mail_catcher)

    assert len(mail_catcher.mails) == 2


def test_an_accepted_mail_survives_a_kill_of_the_mail_server() -> None:
    with MailCatcherProcess() as catcher:
        send(catcher)

        catcher.kill()
        catcher.start()
        send(catcher)

        assert len(catcher.wait_for(2)) == 2


def test_the_process_takes_replies_on_its_command_line() -> None:
    with MailCatcherProcess(replies=(("MAIL", "451 not yet"),)) as catcher:
        with pytest.raises(smtplib.SMTPResponseException):
            send(catcher)
        send(catcher)

        assert len(catcher.mails) == 1


def test_a_program_that_cannot_be_had_is_a_plain_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(ServiceError, match=r"need nosuchserverd.*(only root may install it|no apt-get)"):
        provision.require(Program("nosuchserverd", ("nosuchserver",), ()))


def test_a_given_server_is_used_and_never_stopped(killable_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(postgres_service.URL_VARIABLE, killable_postgres.url())

    with postgres_service.start() as server:
        url = server.create_database()
        assert rows(url, "SELECT 1") == [(1,)]
        with pytest.raises(ServiceError, match="not ours to stop"):
            server.kill()

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_a_given_broker_is_used_and_never_stopped(killable_rabbitmq: RabbitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rabbitmq_service.URL_VARIABLE, killable_rabbitmq.url())
    monkeypatch.setenv(rabbitmq_service.API_URL_VARIABLE, killable_rabbitmq.api_url)

    with rabbitmq_service.start() as server:
        name = vhost_of(server.create_vhost())
        with pytest.raises(ServiceError, match="not ours to stop"):
            server.kill()

    assert name not in {vhost["name"] for vhost in killable_rabbitmq.api("GET", "/api/vhosts")}


def test_a_killed_test_run_leaves_no_server_behind() -> None:
    """The run is a process that starts a server, which starts another process, and then kills itself."""
    program = (
        "import os, signal\n"
        "from tests.services.process import PrivateFolder, ServerProcess\n"
        "folder = PrivateFolder('sleep', user=None)\n"
        "server = ServerProcess(folder, 'sleep', ['sh', '-c', 'sleep 300 & echo $!; wait']).start()\n"
        "while not server.log: pass\n"
        "print(folder.path, server.pid, server.log, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)

    folder, *pids = done.stdout.split()
    assert len(pids) == 2
    wait_until(lambda: not Path(folder).exists(), "the folder to be removed", timeout_s=30)
    wait_until(lambda: not any(runs(int(pid)) for pid in pids), "the processes to end", timeout_s=30)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload]


def connect(url: str) -> pika.BlockingConnection:
    return pika.BlockingConnection(pika.URLParameters(url))


def get(channel: pika.adapters.blocking_connection.BlockingChannel, found: list[bytes]) -> bool:
    body = channel.basic_get("notes", auto_ack=True)[2]
    if body is not None:
        found.append(body)
    return body is not None


def connect_mail(catcher: MailCatcher | MailCatcherProcess) -> smtplib.SMTP:
    tls = getattr(catcher, "tls", Tls.NONE)
    context = catcher.certificates.client_context() if isinstance(catcher, MailCatcher) and catcher.certificates else None
    if tls is Tls.IMPLICIT:
        client: smtplib.SMTP = smtplib.SMTP_SSL("127.0.0.1", catcher.port, "client.example", context=context, timeout=20)
    else:
        client = smtplib.SMTP("127.0.0.1", catcher.port, "client.example", timeout=20)
        if context is not None:
            client.starttls(context=context)
    client.ehlo()
    return client


def send(catcher: MailCatcher | MailCatcherProcess) -> None:
    with connect_mail(catcher) as client:
        client.sendmail("a@shop.example", ["b@buyer.example"], MAIL)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
