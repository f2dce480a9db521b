package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineErrorsTest {
  private static Failure refused(int status, String retryAfter, String body) {
    return Answers.reader("openai")
        .refused(status, retryAfter, body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "400 | {'error':{'code':400,'message':'Expected array','type':'invalid_request_error'}} | INVALID_REQUEST | POINTLESS | Expected array",
        "422 | {'detail':[{'loc':['body'],'msg':'field required'}]} | INVALID_REQUEST | POINTLESS | field required",
        "400 | `` | INVALID_REQUEST | POINTLESS | the engine answered 400",
        "401 | {'error':'who are you'} | ENGINE_ERROR | SAFE_NOT_STARTED | the engine refused our key",
        "403 | `` | ENGINE_ERROR | SAFE_NOT_STARTED | the engine refused our key",
        "404 | {'error':'model not found'} | ENGINE_ERROR | SAFE_NOT_STARTED | the engine does not have this model or path: model not found",
        "405 | `` | UNSUPPORTED | SAFE_NOT_STARTED | the engine does not offer this",
        "413 | `` | TOO_LARGE | POINTLESS | the request is too large for the engine",
        "418 | teapot | INVALID_REQUEST | POINTLESS | teapot",
        "429 | {'error':{'message':'slow down'}} | ENGINE_BUSY | SAFE_NOT_STARTED | the engine is busy: slow down",
        "500 | <html><h1>secret path</h1></html> | ENGINE_ERROR | UNSAFE_MAY_HAVE_ACTED | the engine answered 500",
        "500 | {'error':'model requires more system memory (9 GiB) than is available (1 GiB)'} | ENGINE_ERROR | SAFE_NOT_STARTED | the engine answered 500: model requires more system memory (9 GiB) than is available (1 GiB)",
        "500 | {'error':{'code':500,'message':'image input is not supported - hint'}} | UNSUPPORTED | SAFE_NOT_STARTED | the engine does not offer this: image input is not supported - hint",
        "501 | {'error':{'code':501,'message':'This server does not support embeddings.'}} | UNSUPPORTED | SAFE_NOT_STARTED | the engine does not offer this: This server does not support embeddings.",
        "502 | <!DOCTYPE html><html> | ENGINE_ERROR | UNSAFE_MAY_HAVE_ACTED | the engine answered 502",
        "503 | {'error':{'message':'Loading model','type':'unavailable_error','code':503}} | ENGINE_BUSY | SAFE_NOT_STARTED | the engine is busy: Loading model",
        "529 | {'type':'error','error':{'type':'overloaded_error','message':'Overloaded'}} | ENGINE_BUSY | SAFE_NOT_STARTED | the engine is busy: Overloaded",
        "504 | {'half': | ENGINE_ERROR | UNSAFE_MAY_HAVE_ACTED | the engine answered 504",
        "302 | moved | ENGINE_ERROR | SAFE_NOT_STARTED | the engine answered 302",
      })
  void each_status_has_its_meaning(
      int status, String body, FailureCode code, Retry retry, String message) {
    assertThat(refused(status, "", body))
        .isEqualTo(new Failure(code, retry, message, status, Duration.ZERO));
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "' 7 ', 7",
    "0, 0",
    "-1, 0",
    "99999, 3600",
    "9999999999, 0",
    "'', 0",
    "soon, 0",
    "'Wed, 21 Oct 2026 07:28:00 GMT', 0"
  })
  void the_time_to_come_back_is_taken_over_within_reason(String header, int seconds) {
    assertThat(refused(503, header, "").retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void an_engines_words_are_cut_and_cleaned() {
    String message = refused(400, "", "{'error':'a\\u0007b\\n" + "c".repeat(5000) + "'}").message();
    assertThat(message).startsWith("a b c").hasSize(EngineErrors.MAX_MESSAGE_CHARS);
  }

  @Test
  void bytes_that_are_no_text_are_not_shown() {
    assertThat(Answers.reader("ollama").refused(500, "", new byte[] {(byte) 0xFF, 'a'}).message())
        .isEqualTo("the engine answered 500");
  }
}
