package dev.tutti.dialects;

import java.util.List;
import java.util.Optional;

/// One message of a conversation.
///
/// @param role who speaks
/// @param parts what is said, in order; empty where an assistant only called tools
/// @param reasoning what the assistant thought, when the client sends it back
/// @param toolCalls the tools an assistant called
/// @param toolCallId the call that a tool message answers
/// @param name the tool's or the speaker's name
/// @param seal what Anthropic's dialect puts on the reasoning, when the client sends it back; empty
///   text where an engine of that dialect puts none
public record Message(
    Role role,
    List<Part> parts,
    Optional<String> reasoning,
    List<ToolCall> toolCalls,
    Optional<String> toolCallId,
    Optional<String> name,
    Optional<String> seal) {
  /// Copies the collections.
  public Message {
    parts = List.copyOf(parts);
    toolCalls = List.copyOf(toolCalls);
  }

  /// A message whose reasoning bears no seal.
  public Message(
      Role role,
      List<Part> parts,
      Optional<String> reasoning,
      List<ToolCall> toolCalls,
      Optional<String> toolCallId,
      Optional<String> name) {
    this(role, parts, reasoning, toolCalls, toolCallId, name, Optional.empty());
  }

  /// Who speaks.
  public enum Role {
    SYSTEM,
    DEVELOPER,
    USER,
    ASSISTANT,
    TOOL
  }

  /// A piece of what is said.
  public sealed interface Part {
    /// Words.
    record Text(String text) implements Part {}

    /// A picture in base64.
    ///
    /// @param mediaType such as `image/png`; empty when nobody said
    record Image(String mediaType, String base64) implements Part {
      /// The type that was said, else by the picture's first bytes as they look in base64.
      String typeOrGuess() {
        if (!mediaType.isEmpty()) {
          return mediaType;
        }
        if (base64.startsWith("iVBOR")) {
          return "image/png";
        }
        if (base64.startsWith("R0lGOD")) {
          return "image/gif";
        }
        return base64.startsWith("UklGR") ? "image/webp" : "image/jpeg";
      }
    }

    /// A picture by address; only a backend that takes addresses can be given it.
    record ImageUrl(String url) implements Part {}
  }

  /// One call of a tool.
  ///
  /// @param arguments a JSON object as text
  public record ToolCall(String id, String name, String arguments) {}

  /// All text parts, one after the other.
  public String text() {
    if (parts.size() == 1 && parts.getFirst() instanceof Part.Text(var text)) {
      return text;
    }
    var all = new StringBuilder();
    for (Part part : parts) {
      if (part instanceof Part.Text(var text)) {
        all.append(text);
      }
    }
    return all.toString();
  }
}
