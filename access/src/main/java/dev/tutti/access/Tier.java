package dev.tutti.access;

import java.util.Locale;
import java.util.Optional;

/// How far the owner trusts a machine, the least first: keys may ask for more than the least.
public enum Tier {
  /// Somebody else's machine: a friend's, a rented one.
  GUEST,
  /// What a machine is unless its owner says otherwise.
  USUAL,
  /// A machine that may see anything.
  TRUSTED;

  /// The name in settings and commands.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The tier of that name.
  public static Optional<Tier> of(String name) {
    for (Tier tier : values()) {
      if (tier.wireName().equals(name)) {
        return Optional.of(tier);
      }
    }
    return Optional.empty();
  }
}
