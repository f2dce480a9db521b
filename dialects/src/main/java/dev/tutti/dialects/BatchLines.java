package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The lines of the files of OpenAI's `/v1/batches`: requests in, answers out (schemas
/// `BatchRequestInput`, `BatchRequestOutput` and `BatchError` of its published description).
public final class BatchLines {
  /// How long one line of an input file may be, in bytes.
  public static final int MAX_LINE_BYTES = 32 * 1024 * 1024;

  /// How long a `custom_id` may be, in characters.
  static final int MAX_CUSTOM_ID_CHARS = 512;

  private BatchLines() {}

  /// What a line of an input file is.
  public sealed interface Line {}

  /// A request.
  ///
  /// @param customId what the client calls it
  /// @param model the model asked for
  /// @param body the request's body as JSON: not a copy, not to be changed
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way to the store, never compared
  public record Request(String customId, String model, byte[] body) implements Line {}

  /// What is wrong with a line, or with a whole file.
  ///
  /// @param code what kind of fault, in OpenAI's words where it has one
  /// @param line counted from 1; 0 when it is not about one line
  /// @param message for people
  /// @param param the field, empty when it is not about one
  public record Fault(String code, int line, String message, String param) implements Line {}

  /// Reads one line of an input file. Never throws because of what is in it.
  ///
  /// @param number of the line, from 1
  /// @param endpoint the one that the batch is for
  public static Line read(byte[] line, int number, String endpoint) {
    if (line.length > MAX_LINE_BYTES) {
      return new Fault(
          "line_too_long", number, "This line is longer than " + MAX_LINE_BYTES + " bytes.", "");
    }
    JsonNode request;
    try {
      request = Json.read(line);
    } catch (MeshException _) {
      return new Fault(
          "invalid_json_line", number, "This line is not parseable as valid JSON.", "");
    }
    if (!request.isObject()) {
      return new Fault("invalid_json_line", number, "This line is no JSON object.", "");
    }
    String customId = text(request, "custom_id");
    if (customId.isEmpty() || customId.length() > MAX_CUSTOM_ID_CHARS) {
      return missing(number, "custom_id", "a text of 1 to " + MAX_CUSTOM_ID_CHARS + " characters");
    }
    if (!text(request, "method").equals("POST")) {
      return new Fault("invalid_method", number, "The method must be POST.", "method");
    }
    if (!text(request, "url").equals(endpoint)) {
      return new Fault(
          "invalid_url", number, "The url must be the batch's endpoint, " + endpoint + ".", "url");
    }
    JsonNode body = request.path("body");
    if (!body.isObject()) {
      return missing(number, "body", "a JSON object");
    }
    String model = text(body, "model");
    if (model.isEmpty()) {
      return missing(number, "body.model", "the name of a model");
    }
    return new Request(customId, model, Json.bytes(body));
  }

  private static String text(JsonNode object, String name) {
    JsonNode value = object.path(name);
    return value.isString() ? value.stringValue() : "";
  }

  private static Fault missing(int line, String field, String expected) {
    return new Fault(
        "missing_required_parameter", line, "Missing: " + field + ", " + expected + ".", field);
  }

  /// Faults as the JSON array that a batch shows.
  public static String faults(List<Fault> faults) {
    ArrayNode array = Json.object().putArray("data");
    for (Fault fault : faults) {
      ObjectNode told = array.addObject().put("code", fault.code()).put("message", fault.message());
      if (fault.line() > 0) {
        told.put("line", fault.line());
      } else {
        told.putNull("line");
      }
      if (fault.param().isEmpty()) {
        told.putNull("param");
      } else {
        told.put("param", fault.param());
      }
    }
    return Json.text(array);
  }

  /// A line of output for a request that was answered, whether well or not.
  ///
  /// @param body JSON, put into the line as it is
  public static byte[] answered(
      String id, String customId, String requestId, int status, byte[] body) {
    var line = begun(id, customId);
    line.raw(",\"response\":{\"status_code\":" + status + ",\"request_id\":").json(requestId);
    line.raw(",\"body\":").raw(onOneLine(body)).raw("},\"error\":null}");
    return line.toBytes();
  }

  /// A line of output for a request that nobody answered.
  public static byte[] unanswered(String id, String customId, String code, String message) {
    var line = begun(id, customId);
    line.raw(",\"response\":null,\"error\":{\"code\":").json(code);
    line.raw(",\"message\":").json(message).raw("}}");
    return line.toBytes();
  }

  private static Utf8Buffer begun(String id, String customId) {
    return new Utf8Buffer().raw("{\"id\":").json(id).raw(",\"custom_id\":").json(customId);
  }

  /// Line ends in JSON stand between tokens only, where a blank means the same.
  private static byte[] onOneLine(byte[] json) {
    byte[] line = json.clone();
    for (int i = 0; i < line.length; i++) {
      if (line[i] == '\n' || line[i] == '\r') {
        line[i] = ' ';
      }
    }
    return line;
  }
}
