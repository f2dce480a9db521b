package dev.tutti.app;

import java.util.List;
import java.util.function.Supplier;

/// What the wiring reads: an owner's texts, and what an agent remembers.
public final class AppReaders {
  /// What the settings are called in messages.
  public static final String SETTINGS = "tutti.yaml";

  /// What the file of workers is called in messages.
  public static final String WORKERS = "openclaw_workers.json";

  private AppReaders() {}

  /// A file of workers that was taken.
  ///
  /// @param notes what was left out
  /// @param block the same in the words of the settings
  /// @param again whether the block means the same; throws where it is refused
  public record Workers(List<String> notes, String block, Supplier<Boolean> again) {}

  /// Reads settings.
  ///
  /// @return lays them over the usual ones, and shows the whole
  public static Supplier<String> settings(String text) {
    SettingsFile.Content content = SettingsFile.parse(SETTINGS, text);
    return () -> content.over(Settings.DEFAULTS).toString();
  }

  /// Reads a file of workers.
  public static Workers workers(String text) {
    WorkersFile.Taken taken = WorkersFile.parse(WORKERS, text);
    String block = Import.block(taken, true);
    return new Workers(
        taken.notes(),
        block,
        () -> {
          SettingsFile.Content again = SettingsFile.parse(SETTINGS, block);
          return again.policy().equals(taken.policy()) && again.backends().equals(taken.backends());
        });
  }

  /// Reads what an agent remembers, and writes it again.
  public static String membership(String text) {
    return Membership.parse(text).text();
  }

  /// What is shown of it.
  public static String shown(String membership) {
    return Membership.parse(membership).toString();
  }

  /// Reads a hub's address.
  public static String address(String text) {
    return Membership.address(text).toString();
  }
}
