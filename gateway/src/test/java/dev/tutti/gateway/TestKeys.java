package dev.tutti.gateway;

import dev.tutti.access.Key;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Sha256;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Keys whose holders are named like their public part, and what these send.
final class TestKeys {
  private TestKeys() {}

  /// What the holder of a key sends.
  static String token(String name) {
    return "tutti_" + name + "_secret";
  }

  static String bearer(String name) {
    return "Bearer " + token(name);
  }

  /// A key for everything.
  static Key owner(String name) {
    return key(name, Rights.of(EnumSet.allOf(Scope.class)));
  }

  /// A key for answers only.
  static Key user(String name) {
    return key(name, Rights.of(Set.of(Scope.INFER)));
  }

  static Key key(String name, Rights rights) {
    return new Key(
        name,
        name,
        Sha256.hex(token(name)),
        rights,
        Optional.empty(),
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
