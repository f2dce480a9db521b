package dev.tutti.core;

/// Whether doing the same thing again elsewhere is safe: what the other side may have done.
public enum Retry {
  /// The other side certainly did not begin: trying again is always safe.
  SAFE_NOT_STARTED,
  /// The other side may have begun or even finished: trying again may do the work twice.
  UNSAFE_MAY_HAVE_ACTED,
  /// The other side answered, and would answer the same again.
  POINTLESS
}
