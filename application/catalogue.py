"""The table of contents: everything Billhook does and answers."""

from dataclasses import dataclass

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
from application.use_cases.keep_connections_alive import KeepConnectionsAliveHandler
from application.use_cases.lift_number_guard import LiftNumberGuardHandler
from application.use_cases.pause_work import PauseWorkHandler
from application.use_cases.post_notices import PostNoticesHandler
from application.use_cases.reconcile import ReconcileHandler
from application.use_cases.replay import ReplayHandler
from application.use_cases.replay_quarantine import ReplayQuarantineHandler
from application.use_cases.resume_work import ResumeWorkHandler
from application.use_cases.review_incidents import ReviewIncidentsHandler
from application.use_cases.run_flow import RunFlowHandler
from application.use_cases.send_alerts import SendAlertsHandler
from application.use_cases.start_run import StartRunHandler
from application.use_cases.sweep import SweepHandler
from application.use_cases.verify import VerifyHandler


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Use cases change things; queries answer."""

    # orders in
    accept_messages: AcceptMessagesHandler
    import_orders: ImportOrdersHandler
    replay_quarantine: ReplayQuarantineHandler
    dismiss_quarantined: DismissQuarantinedHandler
    decide_orders: DecideOrdersHandler
    # configuration
    apply_configuration: ApplyConfigurationHandler
    # connections
    begin_connect: BeginConnectHandler
    finish_connect: FinishConnectHandler
    disconnect: DisconnectHandler
    keep_connections_alive: KeepConnectionsAliveHandler
    # invoicing
    fire_schedules: FireSchedulesHandler
    start_run: StartRunHandler
    execute_run: ExecuteRunHandler
    credit_invoice: CreditInvoiceHandler
    # between accounting systems
    run_flow: RunFlowHandler
    list_flows: ListFlowsHandler
    # delivery
    sweep: SweepHandler
    drain_lane: DrainLaneHandler
    change_deliveries: ChangeDeliveriesHandler
    check_integrations: CheckIntegrationsHandler
    send_alerts: SendAlertsHandler
    post_notices: PostNoticesHandler
    review_incidents: ReviewIncidentsHandler
    # operations
    pause_work: PauseWorkHandler
    resume_work: ResumeWorkHandler
    replay: ReplayHandler
    # proof
    reconcile: ReconcileHandler
    guard_numbers: GuardNumbersHandler
    lift_number_guard: LiftNumberGuardHandler
    verify: VerifyHandler
    # queries
    export_configuration: ExportConfigurationHandler
    list_orders: ListOrdersHandler
    show_order: ShowOrderHandler
    explain_order: ExplainOrderHandler
    list_documents: ListDocumentsHandler
    show_document: ShowDocumentHandler
    render_document: RenderDocumentHandler
    list_integrations: ListIntegrationsHandler
    show_integration: ShowIntegrationHandler
    list_connections: ListConnectionsHandler
    preview_delivery: PreviewDeliveryHandler
    list_deliveries: ListDeliveriesHandler
    show_delivery: ShowDeliveryHandler
    list_number_series: ListNumberSeriesHandler
    list_incidents: ListIncidentsHandler
    list_lanes: ListLanesHandler
    summarise_lanes: SummariseLanesHandler
    list_pauses: ListPausesHandler
    list_audit: ListAuditHandler
    list_replays: ListReplaysHandler
    list_quarantine: ListQuarantineHandler
    trace: TraceHandler
