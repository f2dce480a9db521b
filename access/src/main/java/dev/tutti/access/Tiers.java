package dev.tutti.access;

import java.util.Map;
import java.util.Optional;

/// How far the owner trusts which machine or engine, by name.
///
/// @param named what the owner said
public record Tiers(Map<String, Tier> named) {
  /// Nothing was said.
  public static final Tiers NONE = new Tiers(Map.of());

  /// The most names.
  public static final int MAX_NAMES = 1_024;

  /// Copies the map.
  public Tiers {
    if (named.size() > MAX_NAMES) {
      throw new IllegalArgumentException(
          "tiers: " + named.size() + " (expected: <= " + MAX_NAMES + ")");
    }
    named = Map.copyOf(named);
  }

  /// How far an engine is trusted: as its own name says, else as its machine's does; what is
  /// outside the owner's network is a guest.
  public Tier of(String engine, String machine, boolean outside) {
    return Optional.ofNullable(named.get(engine))
        .or(() -> Optional.ofNullable(named.get(machine)))
        .orElse(outside ? Tier.GUEST : Tier.USUAL);
  }
}
