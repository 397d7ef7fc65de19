"""Set a company aside whose state nobody expected: it is paused, a person is told, and the other companies go on."""

from traceback import format_exception

from application.pausing import AUTOMATIC, resume_command, subject_of
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.pauses import PauseScope, Stop
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from domain.errors import Conflict


def park_company(  # noqa: PLR0913 - what was met, where, and the ports to tell it by
    company: str, doing: str, fault: Exception, units_of_work: UnitsOfWork, clock: Clock, telemetry: Telemetry
) -> Conflict:
    """Pause the company until somebody resumes it; returns the refusal for whoever asked. ``doing`` names what failed: ``run_17``."""
    name = type(fault).__name__
    reason = f"{name} in {doing}, a fault of Billhook: tell support, with the log line 'company_parked'."
    now = clock.now()
    with units_of_work() as uow:
        uow.pauses.begin(Stop(PauseScope.COMPANY, company, reason, AUTOMATIC), now)
        uow.audit.add(AuditEntry(now, AUTOMATIC, "paused", subject_of(PauseScope.COMPANY, company), reason, doing))
        uow.commit()
    next_step = f"Once it is mended: {resume_command(PauseScope.COMPANY, company)}"
    telemetry.problem("company_parked", company=company, doing=doing, error="".join(format_exception(fault)), next_step=next_step)
    return Conflict("company_parked", f"Company {company} was paused: {reason}", next_step)
