package dev.tutti.store;

import java.time.Instant;
import java.util.Optional;

/// An API key as the hub remembers it: never the key itself.
///
/// @param id the public part, by which it is looked up
/// @param name what its owner calls it
/// @param sha256 the hash of the secret part, in hexadecimal
/// @param createdAt when it was made
/// @param revokedAt when it was revoked; empty while it is good
public record SavedKey(
    String id, String name, String sha256, Instant createdAt, Optional<Instant> revokedAt) {

  /// A key that is good from now on.
  public static SavedKey fresh(String id, String name, String sha256, Instant createdAt) {
    return new SavedKey(id, name, sha256, createdAt, Optional.empty());
  }
}
