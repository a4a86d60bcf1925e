"""Student's t. SciPy is loaded when it is asked for: that is slow, and planning tests nothing."""


def share_below(degrees: float, value: float) -> float:
    """The share of Student's t of so many degrees of freedom that is below a value."""
    from scipy.special import stdtr

    return float(stdtr(degrees, value))


def t_quantile(degrees: float, share: float) -> float:
    """The value below which a share of Student's t of so many degrees of freedom is."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, share))
