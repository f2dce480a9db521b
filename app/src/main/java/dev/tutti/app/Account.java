package dev.tutti.app;

import dev.tutti.core.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// How the owner stands with a backend that wants a key or money.
///
/// @param key where the key that it wants comes from, if it wants one
/// @param price what it costs, if the owner says so
record Account(Optional<KeySource> key, Optional<Price> price) {
  /// The longest key, in bytes.
  static final int MAX_KEY_BYTES = 16 * 1024;

  /// What tokens cost.
  ///
  /// @param euroIn for a million tokens read, in euro
  /// @param euroOut for a million tokens written, in euro
  record Price(double euroIn, double euroOut) {
    private static final double MOST_EURO = 1_000_000;

    Price {
      check("price-in", euroIn);
      check("price-out", euroOut);
    }

    private static void check(String name, double euro) {
      if (!(euro >= 0 && euro <= MOST_EURO)) {
        throw new IllegalArgumentException(
            name + ": " + euro + " (expected: 0 or more euro for a million tokens)");
      }
    }

    /// What a task has cost, in millionths of a euro. A price for a million tokens in euro is one
    /// for a token in millionths.
    long microEuro(long tokensIn, long tokensOut) {
      return Math.round(tokensIn * euroIn + tokensOut * euroOut);
    }
  }

  /// Where a key comes from.
  sealed interface KeySource {
    /// From the settings themselves.
    record Here(Secret key) implements KeySource {}

    /// From a variable of the environment.
    record Variable(String name) implements KeySource {}

    /// From a file, read again whenever the settings are.
    record InFile(Path file) implements KeySource {}
  }

  /// The key as it is now. Reads a file: never on an event loop.
  ///
  /// @throws IllegalArgumentException when there is none where it should be
  static Secret read(KeySource source) {
    return switch (source) {
      case KeySource.Here(var key) -> key;
      case KeySource.Variable(var name) -> {
        String value = System.getenv().getOrDefault(name, "").strip();
        yield fit("backends.key-env: " + name, value);
      }
      case KeySource.InFile(var file) -> {
        try {
          if (Files.size(file) > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                "backends.key-file: " + file + " (expected: <= " + MAX_KEY_BYTES + " bytes)");
          }
          yield fit("backends.key-file: " + file, Files.readString(file).strip());
        } catch (IOException e) {
          throw new IllegalArgumentException(
              "backends.key-file: " + file + " (expected: a file that can be read)", e);
        }
      }
    };
  }

  /// What would split a header is no key.
  private static Secret fit(String name, String value) {
    if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(name + " (expected: a key, printable and in one line)");
    }
    return Secret.of(value);
  }
}
