package dev.tutti.access;

import java.util.Set;

/// Who asks. What a key made belongs to its name: who gets the next key of the same name, after the
/// first was revoked, goes on where it ended.
///
/// @param name what the owner calls it; empty for who needs no key
/// @param keyId the key's public part; empty for who needs no key
/// @param rights what it may
public record Principal(String name, String keyId, Rights rights) {
  /// Whoever is on the hub's own machine while nobody needs a key.
  public static final Principal OWNER = new Principal("", "", Rights.ALL);

  /// Nobody that is known.
  public static final Principal NOBODY = new Principal("", "", Rights.of(Set.of()));

  /// Whether it may do that kind of thing.
  public boolean may(Scope scope) {
    return rights.scopes().contains(scope);
  }
}
