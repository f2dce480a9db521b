package dev.tutti.gateway;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Says who a request's key belongs to. Called on an event loop: must not block.
@FunctionalInterface
public interface KeyCheck {
  /// Looks a key up.
  ///
  /// @param key what the client sent as a key, empty when it sent none
  Verdict check(Optional<String> key);

  /// Whether a key is needed at all. While none is, a browser's page from elsewhere is kept out by
  /// the gateway itself.
  default boolean required() {
    return !(check(Optional.empty()) instanceof Verdict.Admitted);
  }

  /// What a check says.
  sealed interface Verdict {
    /// The request may pass.
    ///
    /// @param principal whose key it is, empty where nobody needs one
    /// @param administrator whether they may change the mesh and what its engines have
    record Admitted(String principal, boolean administrator) implements Verdict {}

    /// The key is missing or unknown.
    record Refused() implements Verdict {}
  }

  /// Whose key one is.
  ///
  /// @param name what its owner calls it
  /// @param administrator whether it may change the mesh and what its engines have
  record Principal(String name, boolean administrator) {}

  /// Admits everybody as an administrator: for loopback.
  static KeyCheck open() {
    return _ -> new Verdict.Admitted("", true);
  }

  /// Admits who has one of the keys; everybody, as an administrator, while there is no key.
  ///
  /// @param principalsByHash each key's SHA-256 in lower-case hexadecimal and whose it is; asked on
  ///   every request, must not block
  static KeyCheck hashed(Supplier<Map<String, Principal>> principalsByHash) {
    return key -> {
      Map<String, Principal> known = principalsByHash.get();
      if (known.isEmpty()) {
        return new Verdict.Admitted("", true);
      }
      if (key.isEmpty()) {
        return new Verdict.Refused();
      }
      byte[] presented = sha256Hex(key.get()).getBytes(StandardCharsets.US_ASCII);
      Verdict verdict = new Verdict.Refused();
      // All are compared, and each in constant time, so that time tells nothing about any key.
      for (Map.Entry<String, Principal> entry : known.entrySet()) {
        byte[] hash = entry.getKey().getBytes(StandardCharsets.US_ASCII);
        if (MessageDigest.isEqual(hash, presented)) {
          Principal whose = entry.getValue();
          verdict = new Verdict.Admitted(whose.name(), whose.administrator());
        }
      }
      return verdict;
    };
  }

  /// A key's hash as {@link #hashed} expects it.
  static String sha256Hex(String key) {
    return sha256Hex(key.getBytes(StandardCharsets.UTF_8));
  }

  /// The hash of bytes, in lower-case hexadecimal.
  static String sha256Hex(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return java.util.HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
