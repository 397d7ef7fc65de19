"""The mails of a company that has not written its own: with a document, and about an order."""

SUBJECT = "{{ invoice.type }} {{ invoice.number }} from {{ seller.name }}"

HTML = """\
<p>Dear {{ buyer.contact or buyer.name }},</p>
{% if invoice.corrects -%}
<p>please find attached credit note <b>{{ invoice.number }}</b> over <b>{{ invoice.currency }} {{ invoice.total }}</b>.
It corrects invoice {{ invoice.corrects }}{% if invoice.reason %}: {{ invoice.reason }}{% endif %}.</p>
{%- else -%}
<p>please find attached invoice <b>{{ invoice.number }}</b> over <b>{{ invoice.currency }} {{ invoice.total }}</b>,
due on {{ invoice.due_on }}.</p>
{%- endif %}
{% if invoice.orders|length == 1 -%}
<p>It is for order {{ invoice.orders[0].ref }}{% if invoice.orders[0].external_ref %} ({{ invoice.orders[0].external_ref }}){% endif %}.</p>
{%- else -%}
<p>It is for {{ invoice.orders|length }} orders; each is listed in the document.</p>
{%- endif %}
<p>Kind regards,<br>{{ seller.name }}
{%- if seller.email %}<br>{{ seller.email }}{% endif %}
{%- if seller.phone %}<br>{{ seller.phone }}{% endif %}</p>
"""

ORDER_SUBJECT = "Order {{ order.ref }} from {{ seller.name }}"

ORDER_HTML = """\
<p>Order <b>{{ order.ref }}</b>{% if order.external_ref %} ({{ order.external_ref }}){% endif %} of {{ company.name }}
over <b>{{ order.currency }} {{ order.total }}</b> is in the file {{ file.name }}.</p>
<p>{{ seller.name }}
{%- if seller.email %}<br>{{ seller.email }}{% endif %}
{%- if seller.phone %}<br>{{ seller.phone }}{% endif %}</p>
"""
