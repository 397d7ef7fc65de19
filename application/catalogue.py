"""The table of contents: everything Billhook does and answers."""

from dataclasses import dataclass

from application.queries.explain_order import ExplainOrderHandler
from application.queries.export_configuration import ExportConfigurationHandler
from application.queries.list_deliveries import ListDeliveriesHandler
from application.queries.list_documents import ListDocumentsHandler
from application.queries.list_orders import ListOrdersHandler
from application.queries.list_quarantine import ListQuarantineHandler
from application.queries.render_document import RenderDocumentHandler
from application.queries.show_delivery import ShowDeliveryHandler
from application.queries.show_document import ShowDocumentHandler
from application.queries.show_order import ShowOrderHandler
from application.queries.trace import TraceHandler
from application.use_cases.accept_messages import AcceptMessagesHandler
from application.use_cases.apply_configuration import ApplyConfigurationHandler
from application.use_cases.change_deliveries import ChangeDeliveriesHandler
from application.use_cases.credit_invoice import CreditInvoiceHandler
from application.use_cases.decide_orders import DecideOrdersHandler
from application.use_cases.drain_lane import DrainLaneHandler
from application.use_cases.execute_run import ExecuteRunHandler
from application.use_cases.fire_schedules import FireSchedulesHandler
from application.use_cases.replay_quarantine import ReplayQuarantineHandler
from application.use_cases.send_alerts import SendAlertsHandler
from application.use_cases.start_run import StartRunHandler
from application.use_cases.sweep import SweepHandler
from application.use_cases.verify import VerifyHandler


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Use cases change things; queries answer."""

    # orders in
    accept_messages: AcceptMessagesHandler
    replay_quarantine: ReplayQuarantineHandler
    decide_orders: DecideOrdersHandler
    # configuration
    apply_configuration: ApplyConfigurationHandler
    # invoicing
    fire_schedules: FireSchedulesHandler
    start_run: StartRunHandler
    execute_run: ExecuteRunHandler
    credit_invoice: CreditInvoiceHandler
    # delivery
    sweep: SweepHandler
    drain_lane: DrainLaneHandler
    change_deliveries: ChangeDeliveriesHandler
    send_alerts: SendAlertsHandler
    # proof
    verify: VerifyHandler
    # queries
    export_configuration: ExportConfigurationHandler
    list_orders: ListOrdersHandler
    show_order: ShowOrderHandler
    explain_order: ExplainOrderHandler
    list_documents: ListDocumentsHandler
    show_document: ShowDocumentHandler
    render_document: RenderDocumentHandler
    list_deliveries: ListDeliveriesHandler
    show_delivery: ShowDeliveryHandler
    list_quarantine: ListQuarantineHandler
    trace: TraceHandler
