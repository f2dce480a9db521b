package dev.tutti.dialects;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A published OpenAPI description that answers are held against. The descriptions are not part of
/// the project: a folder with `openai-openapi.yaml` and `ollama-openapi.yaml` is named by the
/// system property `tutti.test.openapi` or by `TUTTI_TEST_OPENAPI`, or is `../shared/reference`
/// beside the checkout; without it these tests are skipped and say so.
final class OpenApi {
  private static final Map<String, OpenApi> READ = new ConcurrentHashMap<>();
  private static final Pattern BLANK_LINE = Pattern.compile("(?m)^[ \t]+$");
  private static final String NEEDED =
      "no OpenAPI descriptions (expected: their folder in -Dtutti.test.openapi or"
          + " TUTTI_TEST_OPENAPI)";

  private final JsonNode document;
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private OpenApi(Path file) {
    document = YAMLMapper.shared().readTree(text(file));
    allowNulls(document);
  }

  /// Lines of nothing but blanks are emptied: some stand where YAML forbids them.
  private static String text(Path file) {
    try {
      return BLANK_LINE.matcher(Files.readString(file)).replaceAll("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The description of that name; the test is skipped when there is none here.
  static OpenApi of(String name) {
    String folder =
        Optional.ofNullable(System.getProperty("tutti.test.openapi"))
            .or(() -> Optional.ofNullable(System.getenv("TUTTI_TEST_OPENAPI")))
            .orElseGet(() -> System.getProperty("tutti.root", "..") + "/../shared/reference");
    Path file = Path.of(folder, name + "-openapi.yaml");
    Assumptions.assumeTrue(Files.exists(file), () -> file.normalize() + ": " + NEEDED);
    return READ.computeIfAbsent(name, _ -> new OpenApi(file));
  }

  /// `nullable` is a word of an older version of the format, which schemas of today do not know.
  private static void allowNulls(JsonNode node) {
    node.forEach(OpenApi::allowNulls);
    if (node instanceof ObjectNode schema && schema.path("nullable").asBoolean(false)) {
      if (schema.path("type").isString()) {
        String type = schema.get("type").stringValue();
        schema.putArray("type").add(type).add("null");
      }
      if (schema.has("$ref")) {
        ObjectNode named = Json.object();
        named.set("$ref", schema.remove("$ref"));
        schema.putArray("anyOf").add(named).addObject().put("type", "null");
      }
      if (schema.path("enum") instanceof ArrayNode values) {
        values.addNull();
      }
    }
  }

  /// The schema of an event of a response's stream.
  String event(JsonNode event) {
    JsonNode all = document.at("/components/schemas");
    for (JsonNode one : all.at("/ResponseStreamEvent/anyOf")) {
      String name = one.path("$ref").stringValue("").replaceFirst(".*/", "");
      JsonNode types = all.at("/" + name + "/properties/type/enum");
      if (types.path(0).equals(event.path("type"))) {
        return name;
      }
    }
    return "ResponseStreamEvent";
  }

  /// What is wrong with a value, empty when nothing is.
  List<String> faults(String schema, JsonNode value) {
    return schemas.computeIfAbsent(schema, this::schema).validate(value).stream()
        .limit(8)
        .map(error -> schema + error.getInstanceLocation() + ": " + error.getMessage())
        .toList();
  }

  private Schema schema(String name) {
    ObjectNode root = Json.object().put("$ref", "#/components/schemas/" + name);
    root.set("components", document.get("components"));
    return registry.getSchema(root);
  }
}
