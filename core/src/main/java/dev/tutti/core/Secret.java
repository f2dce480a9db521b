package dev.tutti.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// A text that must not be seen: a key, a token, a password. It prints as `***` wherever it gets
/// into a text, is no bean that a JSON library would open, and is compared in constant time. Who
/// needs the text says so by {@link #reveal()}, which is easy to search for.
public final class Secret {
  /// None.
  public static final Secret NONE = new Secret("");

  private final String text;

  private Secret(String text) {
    this.text = text;
  }

  /// A secret with that text.
  public static Secret of(String text) {
    return text.isEmpty() ? NONE : new Secret(text);
  }

  /// The text itself: for the header or the hash it goes into, never for a log, a message, a URL or
  /// an argument of a process.
  public String reveal() {
    return text;
  }

  /// Whether there is none.
  public boolean isEmpty() {
    return text.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
  }

  /// The same for all: a hash that is printed would tell something.
  @Override
  public int hashCode() {
    return Secret.class.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }

  private byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
