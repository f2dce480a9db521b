package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.MultipartForm.Part;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the forms of OpenAI's `POST /v1/files` (schema `CreateFileRequest`).
public final class FileForms {
  /// The shortest and the longest life that a form may ask for.
  private static final Duration SHORTEST_LIFE = Duration.ofHours(1);

  private static final Duration LONGEST_LIFE = Duration.ofDays(30);

  /// The longest name of a file, in characters.
  static final int MAX_NAME_CHARS = 255;

  private static final Set<String> PURPOSES =
      Set.of("assistants", "batch", "fine-tune", "vision", "user_data", "evals");

  private FileForms() {}

  /// A file as it was sent.
  ///
  /// @param purpose what it is for
  /// @param lives how long it is to stay, when the client says
  /// @param content a copy
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way to the disk, never compared
  public record Upload(String name, String purpose, Optional<Duration> lives, byte[] content) {}

  /// Reads a form.
  ///
  /// @param contentType the request's, which names the boundary
  /// @throws MeshException `INVALID_REQUEST` when it is no such form
  public static Upload read(byte[] body, String contentType) {
    Optional<Part> file = Optional.empty();
    Map<String, String> fields = new HashMap<>();
    for (Part part : MultipartForm.parts(body, MultipartForm.boundary(contentType))) {
      if (part.name().equals("file") && file.isEmpty()) {
        file = Optional.of(part);
      } else if (part.fileName().isPresent()) {
        throw MeshException.invalid("body: another file (expected: one, named file)");
      } else {
        fields.putIfAbsent(part.name(), MultipartForm.value(part));
      }
    }
    Part content =
        file.orElseThrow(() -> MeshException.invalid("file: missing (expected: a file)"));
    String purpose = fields.getOrDefault("purpose", "");
    if (!PURPOSES.contains(purpose)) {
      throw MeshException.invalid(
          "purpose: unknown (expected: batch, assistants, fine-tune, vision, user_data or evals)");
    }
    return new Upload(
        name(content.fileName().orElse("")), purpose, lives(fields), content.content().copy());
  }

  private static String name(String given) {
    String name = given.isEmpty() ? "file" : given;
    return name.length() > MAX_NAME_CHARS ? name.substring(0, MAX_NAME_CHARS) : name;
  }

  private static Optional<Duration> lives(Map<String, String> fields) {
    String seconds = fields.get("expires_after[seconds]");
    String anchor = fields.get("expires_after[anchor]");
    if (seconds == null && anchor == null) {
      return Optional.empty();
    }
    if (!"created_at".equals(anchor)) {
      throw MeshException.invalid("expires_after[anchor]: unknown (expected: created_at)");
    }
    try {
      return Optional.of(life(Long.parseLong(seconds == null ? "" : seconds)));
    } catch (NumberFormatException _) {
      throw wrongLife();
    }
  }

  /// How long a file is to stay.
  ///
  /// @throws MeshException `INVALID_REQUEST` when that is too short or too long
  public static Duration life(long seconds) {
    if (seconds < SHORTEST_LIFE.toSeconds() || seconds > LONGEST_LIFE.toSeconds()) {
      throw wrongLife();
    }
    return Duration.ofSeconds(seconds);
  }

  private static MeshException wrongLife() {
    return MeshException.invalid(
        "expires_after[seconds]: not understood (expected: "
            + SHORTEST_LIFE.toSeconds()
            + " to "
            + LONGEST_LIFE.toSeconds()
            + ")");
  }
}
