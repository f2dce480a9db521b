package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import dev.tutti.dialects.MultipartForm.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// Reads the forms of OpenAI's `/v1/audio/transcriptions`.
public final class TranscriptionRequests {
  /// The field that says how the answer is to look.
  static final String FORMAT = "response_format";

  private static final Set<String> FORMATS =
      Set.of("json", "text", "srt", "verbose_json", "vtt", "diarized_json");

  private TranscriptionRequests() {}

  /// `POST /v1/audio/transcriptions`.
  ///
  /// @param contentType the request's, which names the boundary
  public static ClientRequest read(byte[] body, String contentType) {
    String boundary = MultipartForm.boundary(contentType);
    String model = "";
    Optional<Part> audio = Optional.empty();
    var fields = new ArrayList<Work.Transcription.Field>();
    for (Part part : MultipartForm.parts(body, boundary)) {
      if (part.name().equals("file") && audio.isEmpty()) {
        audio = Optional.of(part);
      } else if (part.fileName().isPresent()) {
        throw MeshException.invalid("body: another file (expected: one, named file)");
      } else if (part.name().equals("model")) {
        model = MultipartForm.value(part);
      } else {
        fields.add(new Work.Transcription.Field(part.name(), MultipartForm.value(part)));
      }
    }
    if (model.isEmpty()) {
      throw MeshException.invalid("model: missing (expected: the name of a model)");
    }
    Part file =
        audio
            .filter(part -> part.content().length() > 0)
            .orElseThrow(() -> MeshException.invalid("file: missing (expected: a recording)"));
    return request(RequestModel.checked(model), file, boundary, fields);
  }

  private static ClientRequest request(
      String model, Part file, String boundary, List<Work.Transcription.Field> fields) {
    var work =
        new Work.Transcription(
            model,
            Dialect.OPENAI,
            file.content().copy(),
            file.fileName().filter(name -> !name.isEmpty()).orElse("audio"),
            file.mediaType(),
            boundary,
            fields);
    if (work.field("stream").filter(value -> value.strip().equalsIgnoreCase("true")).isPresent()) {
      throw Fields.unsupported("stream: true (expected: false, a transcript comes whole)");
    }
    String format = work.format();
    if (!FORMATS.contains(format)) {
      throw MeshException.invalid(
          FORMAT + ": unknown (expected: json, text, srt, verbose_json, vtt or diarized_json)");
    }
    var sketch =
        new AnswerSketch(
            Endpoint.OPENAI_TRANSCRIPTION,
            model,
            false,
            false,
            Map.of(FORMAT, StringNode.valueOf(format)));
    return new ClientRequest(work, false, sketch);
  }

  /// The media type of the transcript that was asked for.
  static String mediaType(AnswerSketch sketch) {
    JsonNode format = sketch.echo().get(FORMAT);
    boolean json = format == null || format.stringValue("json").endsWith("json");
    return json ? ErrorBodies.JSON : "text/plain; charset=utf-8";
  }
}
