package dev.tutti.bench.fuzz;

import dev.tutti.app.AppReaders;
import dev.tutti.simulate.FleetFile;
import dev.tutti.simulate.InputException;
import dev.tutti.simulate.Trace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// What must hold for any text in an owner's files: it is taken, or refused with the line of every
/// mistake, and a key that stands in it is never repeated.
final class Owners {
  /// Stands in the settings where a key does.
  private static final String CANARY = "CANARY-4711-CANARY";

  private static final String BACKEND =
      "\nbackends:\n  - url: http://192.168.1.9:8000\n    key: " + CANARY + "\n";

  private static final Pattern PLACE =
      Pattern.compile(
          "(" + AppReaders.SETTINGS + "|" + AppReaders.WORKERS + "):\\d+: .*", Pattern.DOTALL);

  private Owners() {}

  static void settings(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    if (text.contains(CANARY)) {
      // Who writes it where no key belongs is told of it.
      return;
    }
    taken(text);
    taken(text + BACKEND);
    taken(BACKEND + text);
  }

  private static void taken(String text) {
    String said;
    try {
      Supplier<String> content = AppReaders.settings(text);
      try {
        said = content.get();
      } catch (IllegalArgumentException e) {
        // A value that a hub cannot have: its range is checked with all others.
        said = String.valueOf(e.getMessage());
      }
    } catch (IllegalArgumentException e) {
      said = String.valueOf(e.getMessage());
      Claim.that(PLACE.matcher(said).matches(), "a mistake without its line: " + said);
    }
    Claim.that(!said.contains(CANARY), "a key is told: " + said);
  }

  /// What is taken means the same in the words of the settings.
  static void workers(byte[] input) {
    try {
      AppReaders.Workers taken = AppReaders.workers(new String(input, StandardCharsets.UTF_8));
      for (String note : taken.notes()) {
        Claim.that(PLACE.matcher(note).matches(), "a note without its line: " + note);
      }
      try {
        Claim.that(taken.again().get(), "imported as something else: " + taken.block());
      } catch (IllegalArgumentException e) {
        throw new AssertionError("taken, but not imported: " + taken.block(), e);
      }
    } catch (IllegalArgumentException e) {
      String said = String.valueOf(e.getMessage());
      Claim.that(PLACE.matcher(said).matches(), "a mistake without its line: " + said);
    }
  }

  /// What an agent remembers is written as it was read; a damaged one is not repeated.
  static void membership(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      String again = AppReaders.membership(text);
      Claim.that(AppReaders.membership(again).equals(again), "written as something else");
      String key = again.substring(again.indexOf("\nkey ") + "\nkey ".length());
      Claim.that(!AppReaders.shown(again).contains(key), "the key is shown");
    } catch (IllegalArgumentException e) {
      for (String line : text.lines().toList()) {
        boolean long_enough = line.length() > "certificate ".length();
        Claim.that(
            !long_enough || !String.valueOf(e.getMessage()).contains(line), "the file is told");
      }
    }
    try {
      AppReaders.address(text);
    } catch (IllegalArgumentException _) {
      // Refused.
    }
  }

  static void fleet(byte[] input) {
    try {
      FleetFile.parse("fleet.yaml", new String(input, StandardCharsets.UTF_8));
    } catch (InputException e) {
      Claim.that(
          String.valueOf(e.getMessage()).startsWith("fleet.yaml"), "no file: " + e.getMessage());
    }
  }

  static void trace(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try (var lines = new BufferedReader(new StringReader(text))) {
      long before = 0;
      for (Trace.Entry entry : Trace.read("trace", lines).entries()) {
        Claim.that(entry.nanos() >= before, "not in order: " + entry);
        Claim.that(entry.outputTokens() >= 1, "nothing answered: " + entry);
        before = entry.nanos();
      }
    } catch (InputException e) {
      Claim.that(
          String.valueOf(e.getMessage()).startsWith("trace:"), "no place: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
