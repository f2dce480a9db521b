package dev.tutti.app;

import dev.tutti.core.BackendId;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// A text of the owner's that is read as a stream of tokens, because only those know their lines;
/// every mistake is kept with its line.
abstract class OwnersText {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");

  final String name;
  final JsonParser yaml;
  final List<String> mistakes;
  private final Path folder;

  /// @param folder where the files that it names are sought
  OwnersText(String name, Path folder, JsonParser yaml) {
    this(name, folder, yaml, new ArrayList<>());
  }

  /// A part of another text, which keeps its mistakes.
  OwnersText(OwnersText whole) {
    this(whole.name, whole.folder, whole.yaml, whole.mistakes);
  }

  private OwnersText(String name, Path folder, JsonParser yaml, List<String> mistakes) {
    this.name = name;
    this.folder = folder;
    this.yaml = yaml;
    this.mistakes = mistakes;
  }

  static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /// Whether a backend or a node can be called so; a backend's name has the wider shape of the two.
  static boolean canBeName(String text) {
    try {
      return !new BackendId(text).value().isEmpty();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  final void object(Consumer<String> field) {
    while (yaml.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = yaml.currentName();
      yaml.nextToken();
      field.accept(key);
    }
  }

  /// Reads what lies below a key, or says that it should.
  final void section(String key, String expected, Consumer<String> field) {
    if (yaml.currentToken() == JsonToken.START_OBJECT) {
      object(field);
    } else {
      wrong(key, expected);
    }
  }

  final @Nullable Integer integer(String key) {
    if (yaml.currentToken() == JsonToken.VALUE_NUMBER_INT
        && yaml.getLongValue() <= 1_000_000_000L) {
      return yaml.getIntValue();
    }
    wrong(key, "(expected: a whole number)");
    return null;
  }

  /// An amount of euro, 0 where it is none.
  final double euro(String key) {
    JsonToken token = yaml.currentToken();
    if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      return yaml.getDoubleValue();
    }
    wrong(key, "(expected: euro, such as 2.50)");
    return 0;
  }

  final @Nullable Boolean bool(String key) {
    if (yaml.currentToken() == JsonToken.VALUE_TRUE) {
      return true;
    }
    if (yaml.currentToken() == JsonToken.VALUE_FALSE) {
      return false;
    }
    wrong(key, "(expected: true or false)");
    return null;
  }

  final @Nullable String text(String key) {
    if (yaml.currentToken() != null && yaml.currentToken().isScalarValue()) {
      return yaml.getString();
    }
    wrong(key, "(expected: a text)");
    return null;
  }

  final @Nullable Path file(String key) {
    String given = text(key);
    if (given == null || given.isBlank()) {
      return null;
    }
    try {
      return folder.resolve(given);
    } catch (InvalidPathException _) {
      wrong(key, "(expected: the path of a file)");
      return null;
    }
  }

  final @Nullable Duration duration(String key) {
    String given = text(key);
    Matcher parts = DURATION.matcher(given == null ? "" : given);
    if (!parts.matches()) {
      wrong(key, "(expected: a duration such as 30s, 500ms or 2m)");
      return null;
    }
    long amount = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }

  final void unknown(String key, String expected) {
    mistakes.add(
        name + ":" + line() + ": " + key + ": no such setting (expected: " + expected + ")");
    yaml.skipChildren();
  }

  final void wrong(String key, String expected) {
    String found =
        yaml.currentToken() == null || !yaml.currentToken().isScalarValue()
            ? ""
            : yaml.getString() + " ";
    mistakes.add(name + ":" + line() + ": " + key + ": " + found + expected);
    yaml.skipChildren();
  }

  final int line() {
    return yaml.currentTokenLocation().getLineNr();
  }
}
