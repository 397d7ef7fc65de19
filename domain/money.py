"""Money is Decimal, rounded half-up (away from zero) to the currency's decimals; never float."""

from decimal import ROUND_HALF_UP, Decimal

# ISO 4217 codes of currencies in use; funds and metals are left out.
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP
    CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR
    ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
    MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
    SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
    """.split()
)
_NO_DECIMALS = frozenset(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"])
_THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_OTHER_QUANTA = {currency: Decimal(1) for currency in _NO_DECIMALS} | {currency: Decimal("0.001") for currency in _THREE_DECIMALS}


def decimals_of(currency: str) -> int:
    """How many decimals an amount in this currency has (ISO 4217)."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def quantum_of(currency: str) -> Decimal:
    """The smallest amount of this currency, e.g. 0.01."""
    return _OTHER_QUANTA.get(currency, _CENT)


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round half-up, away from zero, to the currency's decimals."""
    return amount.quantize(quantum_of(currency), ROUND_HALF_UP)


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount in minor units (pence, cents). The amount must be rounded already."""
    minor = amount.scaleb(decimals_of(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} {currency} is not rounded to the currency's decimals")
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount that so many minor units are, with all its decimals."""
    return Decimal(minor).scaleb(-decimals_of(currency))
