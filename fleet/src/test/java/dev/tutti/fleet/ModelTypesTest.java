package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.ModelName;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelTypesTest {
  @ParameterizedTest
  @CsvSource({
    "codellama:7b, CODE",
    "codestral, CODE",
    "qwen2.5-coder:7b, CODE",
    "starcoder2:3b, CODE",
    "deepseek-coder-v2:16b, CODE",
    "deepseek-ai/DeepSeek-Coder-V2-Instruct, CODE",
    "granite-code:8b, CODE",
    "devstral:24b, CODE",
    "llava:7b, VISION",
    "bakllava, VISION",
    "qwen2.5vl:7b, VISION",
    "Qwen/Qwen3-VL-8B-Instruct, VISION",
    "llama3.2-vision:11b, VISION",
    "moondream, VISION",
    "minicpm-v:8b, VISION",
    "nomic-embed-text, EMBEDDING",
    "mxbai-embed-large, EMBEDDING",
    "all-minilm:22m, EMBEDDING",
    "bge-m3, EMBEDDING",
    "intfloat/multilingual-e5-large, EMBEDDING",
    "sim/nomic-embed-text, EMBEDDING",
    "mistral, TEXT",
    "llama3.2:3b, TEXT",
    "decoder-lab, TEXT",
    "gemma3:4b, TEXT",
  })
  void a_name_tells_what_a_model_is_for(String name, ModelType type) {
    assertThat(ModelTypes.classify(new ModelName(name), List.of())).isEqualTo(type);
  }

  @ParameterizedTest
  @CsvSource({
    "gemma3:4b, completion vision, VISION",
    "strange-name, embedding, EMBEDDING",
    "my-embedder-chat, completion tools, TEXT",
    "codellama, completion insert, CODE",
    "mistral, completion tools, TEXT",
  })
  void capabilities_count_more_than_the_name(String name, String capabilities, ModelType type) {
    assertThat(ModelTypes.classify(new ModelName(name), List.of(capabilities.split(" "))))
        .isEqualTo(type);
  }
}
