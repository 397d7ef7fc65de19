"""The composition root: the only place that knows the adapters, and the only one that knows the injector."""

import os
import random
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from adapters.documents.invoice_renderer import TypstInvoiceRenderer
from adapters.documents.templates import SandboxedTemplates
from adapters.file_drop.file_drop import FileDropsByType
from adapters.file_drop.key_pairs import SshKeyPairs
from adapters.mail.alert_mail import build_alert_mail
from adapters.mail.eml import EmlFileMailer
from adapters.mail.mailer import SmtpMailer
from adapters.mail.pdf_emailer import open_pdf_emailer
from adapters.mail.sample import sample_invoice_variables, sample_order_variables
from adapters.messaging.no_task_queue import NoTaskQueue
from adapters.oms.order_translator import KornitOrderTranslator, OmsTranslators
from adapters.order_files.invoice_xml import write_invoice_xml
from adapters.outbound.addresses import PORTS, OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from adapters.persistence.database_clock import database_clock
from adapters.persistence.engine import make_engine
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.persistence.waiting import while_waiting
from adapters.secrets.secret_box import AesGcmSecretBox
from adapters.system.clock import SystemClock
from adapters.telemetry.telemetry import StructlogTelemetry, configure_logging
from adapters.vat_register.vat_register import ChecksumVatRegister
from application.catalogue import Catalogue
from application.consignments import ConsignmentLoader
from application.order_owing import OrderOwing
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.destination import CheckResult
from application.ports.mailer import Mailer
from application.ports.replays import Replayed
from application.ports.telemetry import Telemetry
from application.queries.explain_order import ExplainOrderHandler
from application.queries.export_configuration import ExportConfigurationHandler
from application.queries.list_audit import ListAuditHandler
from application.queries.list_connections import ListConnectionsHandler
from application.queries.list_deliveries import ListDeliveriesHandler
from application.queries.list_documents import ListDocumentsHandler
from application.queries.list_flows import ListFlowsHandler
from application.queries.list_incidents import ListIncidentsHandler
from application.queries.list_integrations import ListIntegrationsHandler
from application.queries.list_lanes import ListLanesHandler
from application.queries.list_number_series import ListNumberSeriesHandler
from application.queries.list_orders import ListOrdersHandler
from application.queries.list_pauses import ListPausesHandler
from application.queries.list_quarantine import ListQuarantineHandler
from application.queries.list_replays import ListReplaysHandler
from application.queries.preview_delivery import PreviewDeliveryHandler
from application.queries.render_document import RenderDocumentHandler
from application.queries.show_delivery import ShowDeliveryHandler
from application.queries.show_document import ShowDocumentHandler
from application.queries.show_integration import ShowIntegrationHandler
from application.queries.show_order import ShowOrderHandler
from application.queries.summarise_lanes import SummariseLanesHandler
from application.queries.trace import TraceHandler
from application.replaying.deliveries import ReplayDeliveries
from application.replaying.orders import ReplayOrders
from application.use_cases.accept_messages import AcceptMessagesHandler
from application.use_cases.apply_configuration import ApplyConfigurationHandler
from application.use_cases.begin_connect import BeginConnectHandler
from application.use_cases.change_deliveries import ChangeDeliveriesHandler
from application.use_cases.check_integrations import CheckIntegrationsHandler
from application.use_cases.credit_invoice import CreditInvoiceHandler
from application.use_cases.decide_orders import DecideOrdersHandler
from application.use_cases.disconnect import DisconnectHandler
from application.use_cases.dismiss_quarantined import DismissQuarantinedHandler
from application.use_cases.drain_lane import DrainLaneHandler
from application.use_cases.execute_run import ExecuteRunHandler
from application.use_cases.finish_connect import FinishConnectHandler
from application.use_cases.fire_schedules import FireSchedulesHandler
from application.use_cases.guard_numbers import GuardNumbersHandler
from application.use_cases.import_orders import ImportOrdersHandler
from application.use_cases.lift_number_guard import LiftNumberGuardHandler
from application.use_cases.pause_work import PauseWorkHandler
from application.use_cases.post_notices import PostNoticesHandler
from application.use_cases.reconcile import ReconcileHandler
from application.use_cases.replay import ReplayHandler
from application.use_cases.replay_quarantine import ReplayQuarantineHandler
from application.use_cases.resume_work import ResumeWorkHandler
from application.use_cases.review_incidents import ReviewIncidentsHandler
from application.use_cases.send_alerts import SendAlertsHandler
from application.use_cases.start_run import StartRunHandler
from application.use_cases.sweep import SweepHandler
from application.use_cases.verify import VerifyHandler
from entrypoints import resending
from entrypoints.container.accounting import accounting_kinds, accounting_parts, keep_connections_alive
from entrypoints.container.file_kinds import file_kinds
from entrypoints.container.hand_offs import hand_off_kinds, open_webhook, opener_of_sessions
from entrypoints.container.ledgers import ledgers
from entrypoints.container.sources import run_flow
from entrypoints.destinations import BuiltInDestinations, DestinationKind, takes_documents
from entrypoints.intake import IntakePermission, acceptor
from entrypoints.secret_key import read_secret_key
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from adapters.messaging.intake_consumer import IntakeConsumer
    from adapters.messaging.quorum_broker import QuorumBroker
    from adapters.messaging.task_queue import DramatiqTaskQueue

# Where an integration names no sender of its own.
_ALERTS_FROM = "billhook@localhost"


def _file_drops(settings: Settings) -> FileDropsByType:
    addresses = OutboundAddresses(parse_allowed_networks(settings.allowed_networks))
    # Either protocol's ports are in order for a file drop; which of the two speaks there, its own greeting tells.
    return FileDropsByType(lambda host, port: addresses.check(host, port, "sftp" if port in PORTS["sftp"] else "ftp"))


def _broker(settings: Settings, role: str) -> "QuorumBroker | None":
    """The broker of the hints; None on the embedded default, which then does not load the broker's libraries either."""
    if not settings.broker_url:
        return None
    from adapters.messaging.quorum_broker import QuorumBroker  # noqa: PLC0415 - see above

    return QuorumBroker(settings.broker_url, role)


def _task_queue(broker: "QuorumBroker | None", telemetry: Telemetry) -> "DramatiqTaskQueue | NoTaskQueue":
    if broker is None:
        return NoTaskQueue()
    from adapters.messaging.task_queue import DramatiqTaskQueue  # noqa: PLC0415 - only with a broker

    return DramatiqTaskQueue(broker, telemetry)


def _mailer(settings: Settings, clock: Clock) -> Mailer:
    if settings.smtp_url is None:
        return EmlFileMailer(settings.data_dir, clock)
    return SmtpMailer(settings.smtp_url.get_secret_value(), clock)


class Container(containers.DeclarativeContainer):
    """Wiring. Everything is resolved in ``build``, before threads start: the injector's singletons are not thread-safe."""

    settings = providers.Dependency(instance_of=Settings)
    role = providers.Object("billhook")

    clock = providers.Singleton(SystemClock)
    telemetry = providers.Singleton(StructlogTelemetry, role)
    owner = providers.Singleton(lambda: f"{socket.gethostname()}:{os.getpid()}")

    secret_box = providers.Singleton(lambda settings: AesGcmSecretBox(read_secret_key(settings)), settings)
    engine = providers.Singleton(
        lambda settings: make_engine(settings.effective_database_url, pool_size=settings.worker_threads + 2), settings
    )
    units_of_work = providers.Singleton(SqlUnitsOfWork, engine, secret_box)

    vat_register = providers.Singleton(ChecksumVatRegister)
    translators = providers.Singleton(OmsTranslators, providers.Singleton(KornitOrderTranslator, vat_register))
    templates = providers.Singleton(SandboxedTemplates)
    renderer = providers.Singleton(TypstInvoiceRenderer)
    mailer = providers.Singleton(_mailer, settings, clock)
    broker = providers.Singleton(_broker, settings, role)
    task_queue = providers.Singleton(_task_queue, broker, telemetry)
    key_pairs = providers.Singleton(SshKeyPairs)
    file_drops = providers.Singleton(_file_drops, settings)
    open_session = providers.Singleton(opener_of_sessions, settings.provided.allowed_networks)
    accounting = providers.Singleton(accounting_parts, units_of_work, clock, telemetry, settings.provided.vendor_addresses, open_session)
    # A new kind of destination is one entry here, in file_kinds, in hand_off_kinds or in accounting_kinds.
    destinations = providers.Singleton(
        BuiltInDestinations,
        providers.Dict(
            pdf_emailer=providers.Factory(
                DestinationKind,
                providers.Object(takes_documents),
                providers.Object(resending.PDF_EMAILER),
                providers.Callable(partial, open_pdf_emailer, mailer=mailer, renderer=renderer, templates=templates),
            ),
        ),
        providers.Singleton(file_kinds, file_drops, mailer, templates),
        providers.Singleton(hand_off_kinds, open_session),
        providers.Singleton(accounting_kinds, accounting, renderer),
    )

    books = providers.Singleton(ledgers, accounting, renderer)
    webhook = providers.Singleton(open_webhook, settings, open_session, clock)
    owing = providers.Singleton(OrderOwing, destinations)
    accept_messages = providers.Singleton(AcceptMessagesHandler, units_of_work, translators, owing, clock, telemetry)
    decide_orders = providers.Singleton(DecideOrdersHandler, units_of_work, translators, owing, clock)
    execute_run = providers.Singleton(
        ExecuteRunHandler, units_of_work, translators, destinations, decide_orders, task_queue, clock, telemetry
    )
    start_run = providers.Singleton(StartRunHandler, units_of_work, execute_run, clock)
    show_document = providers.Singleton(ShowDocumentHandler, units_of_work)
    catalogue = providers.Singleton(
        Catalogue,
        accept_messages=accept_messages,
        import_orders=providers.Singleton(ImportOrdersHandler, units_of_work, accept_messages, clock),
        replay_quarantine=providers.Singleton(ReplayQuarantineHandler, units_of_work, accept_messages, clock, time.sleep),
        dismiss_quarantined=providers.Singleton(DismissQuarantinedHandler, units_of_work, clock),
        decide_orders=decide_orders,
        apply_configuration=providers.Singleton(ApplyConfigurationHandler, units_of_work, vat_register, secret_box, key_pairs, clock),
        begin_connect=providers.Singleton(BeginConnectHandler, accounting.provided.desk, units_of_work, task_queue, clock),
        finish_connect=providers.Singleton(FinishConnectHandler, accounting.provided.desk, units_of_work, task_queue, clock),
        disconnect=providers.Singleton(DisconnectHandler, accounting.provided.desk, units_of_work, clock),
        keep_connections_alive=providers.Singleton(keep_connections_alive, accounting, telemetry),
        fire_schedules=providers.Singleton(FireSchedulesHandler, units_of_work, clock, telemetry),
        start_run=start_run,
        execute_run=execute_run,
        credit_invoice=providers.Singleton(CreditInvoiceHandler, units_of_work, decide_orders, start_run, destinations, task_queue, clock),
        run_flow=providers.Singleton(run_flow, units_of_work, accounting, translators, owing, clock, telemetry),
        list_flows=providers.Singleton(ListFlowsHandler, units_of_work),
        sweep=providers.Singleton(SweepHandler, units_of_work, task_queue, clock),
        drain_lane=providers.Singleton(
            DrainLaneHandler,
            units_of_work,
            providers.Singleton(ConsignmentLoader, units_of_work, translators),
            destinations,
            clock,
            telemetry,
            random.random,
            owner,
            lease_s=settings.provided.lease_s,
            batch_size=settings.provided.delivery_batch_size,
            company_lanes_max=settings.provided.company_lanes_max,
        ),
        change_deliveries=providers.Singleton(ChangeDeliveriesHandler, units_of_work, destinations, task_queue, clock),
        check_integrations=providers.Singleton(CheckIntegrationsHandler, units_of_work, destinations),
        send_alerts=providers.Singleton(
            SendAlertsHandler,
            units_of_work,
            mailer,
            providers.Object(partial(build_alert_mail, default_sender=_ALERTS_FROM)),
            clock,
            telemetry,
            owner,
        ),
        post_notices=providers.Singleton(PostNoticesHandler, units_of_work, webhook, clock, telemetry, random.random, owner),
        review_incidents=providers.Singleton(ReviewIncidentsHandler, units_of_work, clock),
        reconcile=providers.Singleton(ReconcileHandler, units_of_work, books, clock),
        guard_numbers=providers.Singleton(GuardNumbersHandler, units_of_work, books, clock, telemetry),
        lift_number_guard=providers.Singleton(LiftNumberGuardHandler, units_of_work, clock),
        verify=providers.Singleton(VerifyHandler, units_of_work, translators, clock),
        export_configuration=providers.Singleton(ExportConfigurationHandler, units_of_work),
        list_orders=providers.Singleton(ListOrdersHandler, units_of_work),
        show_order=providers.Singleton(ShowOrderHandler, units_of_work, translators),
        explain_order=providers.Singleton(ExplainOrderHandler, units_of_work, translators),
        list_documents=providers.Singleton(ListDocumentsHandler, units_of_work),
        show_document=show_document,
        render_document=providers.Singleton(
            RenderDocumentHandler, units_of_work, show_document, renderer, providers.Object(write_invoice_xml)
        ),
        list_integrations=providers.Singleton(ListIntegrationsHandler, units_of_work, destinations),
        show_integration=providers.Singleton(ShowIntegrationHandler, units_of_work, destinations, key_pairs, clock),
        list_connections=providers.Singleton(ListConnectionsHandler, units_of_work, accounting.provided.vendors, clock),
        preview_delivery=providers.Singleton(PreviewDeliveryHandler, units_of_work, translators, destinations),
        list_deliveries=providers.Singleton(ListDeliveriesHandler, units_of_work),
        show_delivery=providers.Singleton(ShowDeliveryHandler, units_of_work),
        replay=providers.Singleton(
            ReplayHandler,
            units_of_work,
            providers.Dict(
                {
                    Replayed.ORDERS: providers.Singleton(ReplayOrders, translators, owing, destinations),
                    Replayed.DELIVERIES: providers.Singleton(ReplayDeliveries),
                }
            ),
            task_queue,
            clock,
            time.sleep,
        ),
        list_replays=providers.Singleton(ListReplaysHandler, units_of_work),
        pause_work=providers.Singleton(PauseWorkHandler, units_of_work, clock),
        resume_work=providers.Singleton(ResumeWorkHandler, units_of_work, task_queue, clock),
        list_number_series=providers.Singleton(ListNumberSeriesHandler, units_of_work),
        list_incidents=providers.Singleton(ListIncidentsHandler, units_of_work),
        list_lanes=providers.Singleton(ListLanesHandler, units_of_work, clock),
        summarise_lanes=providers.Singleton(SummariseLanesHandler, units_of_work, clock),
        list_pauses=providers.Singleton(ListPausesHandler, units_of_work, clock),
        list_audit=providers.Singleton(ListAuditHandler, units_of_work),
        list_quarantine=providers.Singleton(ListQuarantineHandler, units_of_work),
        trace=providers.Singleton(TraceHandler, units_of_work, clock),
    )


def intake_consumer(application: "Application", on_beat: Callable[[], object]) -> "IntakeConsumer":
    """The consumer of the intake queue; asked for only where a broker is configured."""
    from adapters.messaging.intake_consumer import IntakeConsumer  # noqa: PLC0415 - only with a broker

    settings = application.settings
    return IntakeConsumer(
        settings.broker_url,
        acceptor(application.catalogue),
        application.telemetry,
        batch_size=settings.intake_batch_size,
        on_beat=on_beat,
        read=application.catalogue.accept_messages.read,
        may_go_on=application.intake_permission(),
        while_waiting=while_waiting,
    )


@dataclass(frozen=True, slots=True)
class Application:
    """Everything a role or a command needs; ``close`` gives back connections and child processes."""

    settings: Settings
    catalogue: Catalogue
    telemetry: StructlogTelemetry
    container: Container

    def migrate(self, actor: str = "") -> str:
        """Bring the schema up to date; returns its revision. An upgrade is in the audit log."""
        from adapters.persistence.schema import migrate  # noqa: PLC0415 - alembic takes a while to load

        def note(before: str, after: str) -> AuditEntry:
            return AuditEntry(SystemClock().now(), actor, "schema_upgraded", "schema", detail=f"from revision {before} to {after}")

        return migrate(self.container.engine(), note)

    def schema_revisions(self) -> tuple[str | None, str]:
        """The revision of the database (None: empty), and the one this program was written for."""
        from adapters.persistence.schema import current_revision, expected_revision  # noqa: PLC0415 - as above

        return current_revision(self.container.engine()), expected_revision()

    def require_schema(self) -> None:
        """Raise DomainError("wrong_schema") where `billhook migrate` is due."""
        from adapters.persistence.schema import require_expected_revision  # noqa: PLC0415 - as above

        require_expected_revision(self.container.engine())

    def sample_template_variables(self) -> Mapping[str, object]:
        """What users' templates of documents may name, with the values of an invented invoice."""
        return sample_invoice_variables()

    def sample_order_variables(self) -> Mapping[str, object]:
        """What users' templates of orders may name, with the values of an invented order."""
        return sample_order_variables()

    def database_clock(self) -> datetime:
        """The database's time, in UTC; with PostgreSQL only. Raises TemporaryFailure."""
        return database_clock(self.container.engine())

    def font_count(self) -> int:
        """How many families of fonts documents can be set in."""
        from adapters.documents.fonts import load_fonts  # noqa: PLC0415 - reads 100 MB of fonts

        return len(set(load_fonts().families()))

    def broker_checks(self) -> Sequence[CheckResult]:
        """Whether the broker has the exchange and the queues as they are expected. Raises TemporaryFailure."""
        from adapters.messaging.topology import check_topology  # noqa: PLC0415 - only with a broker

        return [CheckResult(check.name, check.ok, check.detail, check.next_step) for check in check_topology(self.settings.broker_url)]

    def intake_permission(self) -> IntakePermission:
        """Whether messages may be taken now."""
        return IntakePermission(self.container.units_of_work(), self.container.clock())

    def close(self) -> None:
        """Close in the reverse order of use."""
        self.container.templates().close()
        self.container.renderer().close()
        self.container.task_queue().close()
        self.container.engine().dispose()


def build(settings: Settings, role: str = "") -> Application:
    """Wire a process. Opens no connection yet."""
    configure_logging(settings.log_level, settings.log_format)
    container = Container(settings=providers.Object(settings), role=providers.Object(role))
    return Application(settings, container.catalogue(), container.telemetry(), container)
