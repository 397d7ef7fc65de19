"""`plan` of a company in the file."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.companies.plan import BillTo, Layout, Plan
from domain.companies.schedule import Every, Schedule, Slot
from entrypoints.configuration.fields import Moment, Name, Status, TimeOfDay, Timezone, Weekday
from entrypoints.configuration.strict import Strict

_PLAN = Plan()
_SCHEDULE = Schedule()
# Which keys say something in which rhythm.
_FITS = {
    "weekday": {Every.WEEK},
    "day": {Every.MONTH},
    "at": {Every.HOUR, Every.DAY, Every.WEEK, Every.MONTH},
}


class ScheduleModel(Strict):
    """When invoices are made."""

    every: Annotated[Every, Field(description="`hour`, `day`, `week`, `month`, or `dispatch`: as soon as an order becomes billable.")]
    weekday: Annotated[Weekday | None, Field(description="`monday` to `sunday`, with `every: week` (default sunday).")] = None
    day: Annotated[
        int | None, Field(ge=1, le=31, description="Day of the month, with `every: month` (default 1); a short month's last day.")
    ] = None
    at: Annotated[TimeOfDay | None, Field(description="Time of day such as `09:30` (default 00:00); `every: hour` uses its minute.")] = None
    timezone: Annotated[Timezone | None, Field(description="IANA name; default: the plan's.")] = None

    @model_validator(mode="after")
    def _fit(self) -> Self:
        for key, rhythms in _FITS.items():
            if getattr(self, key) is not None and self.every not in rhythms:
                raise ValueError(f"{key!r} has no meaning with every: {self.every}")
        return self

    def to_domain(self, timezone: str) -> Schedule:
        """The domain's schedule."""
        weekday = _SCHEDULE.weekday if self.weekday is None else self.weekday
        return Schedule(self.every, self.at or _SCHEDULE.at, weekday, self.day or _SCHEDULE.day, timezone)


class PlanModel(Strict):
    """What to invoice, to whom, how and when."""

    enabled: Annotated[bool, Field(description="Off: nothing is invoiced; orders are kept and decided `plan_disabled`.")] = _PLAN.enabled
    starting_from: Annotated[
        Moment | None, Field(description="Orders made before are left alone; a day means its start in the plan's zone.")
    ] = None
    include_orders_with_errors: Annotated[bool, Field(description="Invoice orders with the error flag like any other.")] = (
        _PLAN.include_orders_with_errors
    )
    bill_to: Annotated[BillTo, Field(description="`company`, or `customer`: the order's billing party.")] = _PLAN.bill_to
    layout: Annotated[Layout, Field(description="`combined`: many orders on one invoice, or `individual`: one invoice an order.")] = (
        _PLAN.layout
    )
    schedule: Annotated[ScheduleModel | None, Field(description="Without one: within the next hour, then Sundays 00:00.")] = None
    next_invoice_at: Annotated[Moment | None, Field(description="When the first run is; later runs keep its time of day.")] = None
    payment_terms_days: Annotated[int, Field(ge=0, le=365, description="Days from issue until due; 0 to 365.")] = _PLAN.payment_terms_days
    orders_per_invoice_max: Annotated[int, Field(ge=1, le=5000, description="A larger combined invoice becomes several; 1 to 5000.")] = (
        _PLAN.orders_per_invoice_max
    )
    billable_statuses: Annotated[tuple[Status, ...], Field(min_length=1, description="Names or codes; default: the dispatched family.")] = (
        _PLAN.billable_statuses
    )
    payment_statuses: Annotated[
        tuple[Name, ...], Field(description="Such as `[paid]`: only these are invoiced, with `bill_to: customer`.")
    ] = ()
    timezone: Annotated[Timezone | None, Field(description="IANA name; default: the schedule's, else UTC.")] = None

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.payment_statuses and self.bill_to is BillTo.COMPANY:
            raise ValueError("payment_statuses has no meaning with bill_to: company")
        own, inner = self.timezone, self.schedule and self.schedule.timezone
        if own and inner and own != inner:
            raise ValueError(f"the plan's timezone {own!r} and its schedule's {inner!r} must be one")
        return self

    @property
    def zone(self) -> str:
        """The zone that days and times of this plan are in."""
        return self.timezone or (self.schedule and self.schedule.timezone) or _PLAN.timezone

    def to_domain(self) -> Plan:
        """The domain's plan."""
        return Plan(
            enabled=self.enabled,
            starting_from=instant(self.starting_from, self.zone),
            include_orders_with_errors=self.include_orders_with_errors,
            bill_to=self.bill_to,
            layout=self.layout,
            schedule=self.schedule.to_domain(self.zone) if self.schedule else None,
            next_invoice_at=instant(self.next_invoice_at, self.zone),
            payment_terms_days=self.payment_terms_days,
            orders_per_invoice_max=self.orders_per_invoice_max,
            billable_statuses=self.billable_statuses,
            payment_statuses=self.payment_statuses,
            timezone=self.zone,
        )


def instant(moment: date | datetime | None, timezone: str) -> datetime | None:
    """The UTC time of a day's start, or of a time that is local unless it says otherwise."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    # A clock set forward may skip this time: a slot knows when such a time "is".
    return Slot(moment.replace(second=0, microsecond=0), timezone).instant
