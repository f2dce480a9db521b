package dev.tutti.access;

import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// A key as the hub remembers it: never the key itself.
///
/// @param id its public part, by which it is looked up
/// @param name what its owner calls it; of all keys that are good only one has it
/// @param sha256 the hash of the whole key in lower-case hexadecimal
/// @param rights what it lets its holder do
/// @param address the one address whose clients need no key but are taken for its holder; empty for
///   a key that is sent
/// @param createdAt when it was made
/// @param expiresAt when it ends by itself, if it does
/// @param revokedAt when it was revoked; empty while it is good
/// @param usedAt when it was last used, to within a minute; empty when never
public record Key(
    String id,
    String name,
    String sha256,
    Rights rights,
    Optional<PeerAddress> address,
    Instant createdAt,
    Optional<Instant> expiresAt,
    Optional<Instant> revokedAt,
    Optional<Instant> usedAt) {
  /// The most keys that are remembered, revoked ones included.
  public static final int MAX_KEYS = 1_024;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}");
  private static final Set<Scope> FOR_ADDRESSES = Set.of(Scope.INFER, Scope.NODES);

  /// Checks what was asked for.
  ///
  /// @throws IllegalArgumentException naming the field
  public static void check(String name, Rights rights, Optional<PeerAddress> address) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "name: cannot be one (expected: 1 to 64 letters, digits and . _ @ - or blanks)");
    }
    if (rights.scopes().isEmpty()) {
      throw new IllegalArgumentException(
          "scope: none (expected: one or more of infer, admin, tools, nodes)");
    }
    if (address.isPresent() && !FOR_ADDRESSES.containsAll(rights.scopes())) {
      throw new IllegalArgumentException(
          "scope: more than an address may have (expected: infer or nodes)");
    }
  }

  /// Whether it counts at that moment.
  public boolean isGood(Instant now) {
    return revokedAt.isEmpty() && !isExpired(now);
  }

  /// Whether its time is over.
  public boolean isExpired(Instant now) {
    return expiresAt.isPresent() && !now.isBefore(expiresAt.get());
  }

  /// The same, revoked.
  public Key revoked(Instant at) {
    return new Key(
        id, name, sha256, rights, address, createdAt, expiresAt, Optional.of(at), usedAt);
  }

  /// The same, used.
  public Key used(Instant at) {
    return new Key(
        id, name, sha256, rights, address, createdAt, expiresAt, revokedAt, Optional.of(at));
  }

  /// Who its holder is.
  Principal principal() {
    return new Principal(name, id, rights);
  }

  byte[] hash() {
    return HexFormat.of().parseHex(sha256);
  }
}
