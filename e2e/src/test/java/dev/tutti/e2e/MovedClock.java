package dev.tutti.e2e;

import dev.tutti.app.MovedMain;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// A wall clock that a test moves, for real processes: they are started by the launcher as ever,
/// and by {@link MovedMain} instead of the usual main class. Monotonic time is not moved. Works
/// wherever the program does.
public final class MovedClock {
  private final Path file;

  /// A clock that is right.
  ///
  /// @param file which processes look at
  public MovedClock(Path file) {
    this.file = file;
    set(Duration.ZERO);
  }

  /// How far it is ahead from now on; processes that run see it within a few hundredths of a
  /// second.
  public void set(Duration ahead) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(fresh, ahead.toString());
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The variables of a process that goes by it.
  public Map<String, String> environment() {
    Path launcher = TuttiProcess.Place.checkout().resolve("app/target/tutti.classpath");
    try {
      String program = Files.readString(launcher).strip();
      URI tests = MovedMain.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      return Map.of(
          "TUTTI_JAVA_OPTIONS",
          "-D%s=%s -cp %s:%s %s"
              .formatted(
                  MovedMain.CLOCK, file, program, Path.of(tests), MovedMain.class.getName()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException("classes: nowhere (expected: in a folder)", impossible);
    }
  }

  /// The same place, whose processes go by this clock.
  public TuttiProcess.Place at(TuttiProcess.Place place) {
    var variables = new HashMap<>(place.environment());
    variables.putAll(environment());
    return new TuttiProcess.Place(place.root(), place.home(), place.before(), variables);
  }
}
