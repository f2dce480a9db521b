package dev.tutti.paced;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// A model that the engine pretends to hold. `contextTokens` is the most it could take.
public record PacedModel(ModelName name, Set<Role> roles, Bytes size, int contextTokens) {
  /// What a model can do.
  public enum Role {
    /// Chat, completion and tool calls.
    CHAT,
    /// Embeddings.
    EMBED,
    /// Thinks before it answers.
    THINK,
    /// Accepts images.
    VISION
  }

  private static final Bytes DEFAULT_SIZE = Bytes.ofGibi(4.7);
  private static final int DEFAULT_CONTEXT_TOKENS = 32_768;

  /// Checks the ranges.
  public PacedModel {
    roles = Set.copyOf(roles);
    if (roles.isEmpty()) {
      throw new IllegalArgumentException("roles: none (expected: at least one)");
    }
    if (contextTokens < 1) {
      throw new IllegalArgumentException("contextTokens: " + contextTokens + " (expected: >= 1)");
    }
  }

  /// A model that chats, of an ordinary size.
  public static PacedModel chat(String name) {
    return new PacedModel(
        new ModelName(name), Set.of(Role.CHAT), DEFAULT_SIZE, DEFAULT_CONTEXT_TOKENS);
  }

  /// A model that embeds and does nothing else.
  public static PacedModel embed(String name) {
    return new PacedModel(
        new ModelName(name), Set.of(Role.EMBED), Bytes.ofGibi(0.3), DEFAULT_CONTEXT_TOKENS);
  }

  /// Reads `NAME[:ROLE]…[=GIB]`, as in `sim/small:8b:think=4.9` or `sim/words:embed`. What is no
  /// role is part of the name; without a role the model chats.
  public static PacedModel parse(String text) {
    int equals = text.lastIndexOf('=');
    Bytes size = equals < 0 ? DEFAULT_SIZE : gibi(text.substring(equals + 1));
    String name = equals < 0 ? text : text.substring(0, equals);
    var roles = EnumSet.noneOf(Role.class);
    for (int colon = name.lastIndexOf(':'); colon > 0; colon = name.lastIndexOf(':')) {
      String last = name.substring(colon + 1).toUpperCase(Locale.ROOT);
      var role = EnumSet.allOf(Role.class).stream().filter(r -> r.name().equals(last)).findAny();
      if (role.isEmpty()) {
        break;
      }
      roles.add(role.get());
      name = name.substring(0, colon);
    }
    if (!roles.contains(Role.EMBED)) {
      roles.add(Role.CHAT);
    }
    return new PacedModel(new ModelName(name), roles, size, DEFAULT_CONTEXT_TOKENS);
  }

  boolean can(Role role) {
    return roles.contains(role);
  }

  private static Bytes gibi(String text) {
    try {
      return Bytes.ofGibi(Double.parseDouble(text));
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("size: " + text + " (expected: a number of GiB)");
    }
  }
}
