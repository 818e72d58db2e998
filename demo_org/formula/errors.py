"""What is said of a formula that cannot be used."""

from demo_org.errors import SalesforceFault


class FormulaError(SalesforceFault):
    """A formula with a mistake in it; the message names the mistake, as the editor in Setup would."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "FIELD_INTEGRITY_EXCEPTION", f"Error: {message}")
