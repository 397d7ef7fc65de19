"""`flows` of the file: what is carried from one accounting system to another."""

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from application.flows.message import mistakes_of
from domain.companies.flow import Conflict, Flow, FlowDocument, FlowObject
from domain.companies.schedule import Every
from entrypoints.configuration.fields import Moment, Name, Slug, Text
from entrypoints.configuration.plans import ScheduleModel, instant
from entrypoints.configuration.strict import Strict

_FLOW = Flow("", "", "")


class FlowModel(Strict):
    """Records of one accounting system, handed on to another; they are not invoiced by Billhook."""

    name: Annotated[Slug, Field(description="What the flow is called, for good: its orders are known by it.")]
    source: Annotated[Text, Field(min_length=1, description="The integration that is read: `COMPANY/fortnox` or `COMPANY/jortt`.")]
    target: Annotated[Text, Field(min_length=1, description="The integration that is written to, of the other kind or another company.")]
    objects: Annotated[
        tuple[FlowObject, ...],
        Field(min_length=1, description="`orders`, `customers` or both. Each order brings its customer along anyway."),
    ] = _FLOW.objects
    enabled: Annotated[bool, Field(description="Off: nothing is read.")] = _FLOW.enabled
    schedule: Annotated[ScheduleModel | None, Field(description="When; see `schedule`. Default: every hour, in UTC.")] = None
    amount_per_run: Annotated[int, Field(ge=1, le=10_000, description="At most so many new records a run, 1 to 10000.")] = (
        _FLOW.amount_per_run
    )
    date_from: Annotated[Moment | None, Field(description="What is dated before is left alone.")] = None
    statuses: Annotated[
        tuple[Name, ...],
        Field(
            description="Only orders of which one of these can be said: [names](../how-to/flows.md#what-counts-as-an-order). "
            "Default: all but `cancelled`."
        ),
    ] = ()
    field_map: dict[str, Any] = Field(
        default_factory=dict, description="Fields of the order over those that are read: [field map](field-map.md)."
    )
    conflicts: Annotated[
        Conflict,
        Field(
            description="For `customers` that both have: `target` leaves them, `source` overwrites them, `newest` (in both directions) "
            "brings each change to the other side, the one seen last where both changed."
        ),
    ] = _FLOW.conflicts
    document: Annotated[
        FlowDocument | None,
        Field(
            description="What is read as an order: of Fortnox `order` or `invoice`, of jortt `invoice` or `estimate`. Default: `order` of "
            "Fortnox; of jortt `invoice`, or `estimate` where its integration writes those."
        ),
    ] = None

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.schedule and self.schedule.every is Every.DISPATCH:
            raise ValueError("a flow has no use for every: dispatch; choose hour, day, week or month")
        return self

    def mistakes(self) -> Iterator[tuple[str, str]]:
        """Of the field map: the field and a sentence, for each."""
        if self.field_map:
            yield from mistakes_of(self.model_dump(mode="json")["field_map"])

    @property
    def zone(self) -> str:
        """The zone of its days and times."""
        return (self.schedule and self.schedule.timezone) or _FLOW.schedule.timezone

    def to_domain(self) -> Flow:
        """The domain's flow."""
        return Flow(
            name=self.name,
            source=self.source,
            target=self.target,
            objects=tuple(dict.fromkeys(self.objects)),
            schedule=self.schedule.to_domain(self.zone) if self.schedule else _FLOW.schedule,
            enabled=self.enabled,
            amount_per_run=self.amount_per_run,
            date_from=instant(self.date_from, self.zone),
            statuses=self.statuses,
            field_map=self.model_dump(mode="json")["field_map"],
            conflicts=self.conflicts,
            document=self.document,
        )
