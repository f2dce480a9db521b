package dev.tutti.backends;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What stands for the content of a llama-server's model, since the engine gives no digest: a hash
/// of everything it says about the file that must be equal where the content is. Pure.
///
/// It is as sure as that: the file's name, its size, the counts of parameters, words and
/// dimensions, the quantization, the template with its marks of begin and end, and the adapters.
/// Two trainings of one model under the same file name cannot be told apart.
final class LlamaFingerprint {
  private static final List<String> OF_META =
      List.of("vocab_type", "n_vocab", "n_ctx_train", "n_embd", "n_params", "size", "ftype");
  private static final List<String> OF_PROPS = List.of("chat_template", "bos_token", "eos_token");

  private LlamaFingerprint() {}

  /// The fingerprint; empty where the engine says too little.
  ///
  /// @param entry the model in the answer to `GET /v1/models`
  /// @param props the answer to `GET /props`
  static String of(JsonNode entry, JsonNode props) {
    JsonNode meta = entry.path("meta");
    String path = EngineJson.text(props, "model_path");
    boolean enough =
        !path.isEmpty()
            && meta.path("n_params").isNumber()
            && meta.path("size").isNumber()
            && props.path("chat_template").isString();
    if (!enough) {
      return "";
    }
    MessageDigest digest = sha256();
    add(digest, path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
    OF_META.forEach(name -> add(digest, meta.path(name).toString()));
    OF_PROPS.forEach(name -> add(digest, props.path(name).toString()));
    JsonNode usual = props.path("default_generation_settings").path("params");
    add(digest, usual.path("lora").toString());
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
