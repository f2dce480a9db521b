package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadRequestTest {
  private static final String HI = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

  private static Failure refused(String endpoint, byte[] body) {
    var thrown =
        catchThrowableOfType(
            MeshException.class, () -> RequestGoldenTest.parse(endpoint + ".x", body));
    assertThat(thrown).as("a refusal").isNotNull();
    return thrown.failure();
  }

  private static Failure refused(String endpoint, String body) {
    return refused(endpoint, body.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                    | body: an array (expected: a JSON object)",
        "{}                                    | model: missing (expected: the name of a model)",
        "{'model':3,MSG}                       | model: 3 (expected: a string)",
        "{'model':'m'}                         | messages: missing (expected: an array)",
        "{'model':'m','messages':3}            | messages: 3 (expected: an array)",
        "{'model':'m','messages':[]}           | messages: empty (expected: at least one message)",
        "{'model':'m','messages':[3]}          | messages[0]: 3 (expected: an object)",
        "{'model':'m','messages':[{}]}         | messages[0].role: missing (expected: a string)",
        "{'model':'m','messages':[{'role':'x'}]} | messages[0].role: unknown (expected: system, developer, user, assistant or tool)",
        "{'model':'m','messages':[{'role':'user'}]} | messages[0].content: missing (expected: a string or an array of parts)",
        "{'model':'m','messages':[{'role':'user','content':{}}]} | messages[0].content: an object (expected: a string or an array of parts)",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'ftp://x'}}]}]} | messages[0].content[0].image_url: another scheme (expected: data:, http: or https:)",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'http://192.168.1.1/a.png'}}]}]} | messages[0].content[0].image_url: an address of a private network (expected: a public address, or data:)",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'http://[::ffff:10.0.0.1]/a'}}]}]} | messages[0].content[0].image_url: an address of a private network (expected: a public address, or data:)",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'http://localhost:11434/api/tags'}}]}]} | messages[0].content[0].image_url: a name that leads home (expected: a public address, or data:)",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'http://2130706433/a'}}]}]} | messages[0].content[0].image_url: an address in a form that is read in more than one way (expected: a public address, or data:)",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://user:pw@example.org/a'}}]}]} | messages[0].content[0].image_url: no host, or user info (expected: https://HOST/…)",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'http://nas.local/a.png'}}]}]} | messages[0].content[0].image_url: a name that leads home (expected: a public address, or data:)",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url','image_url':'data:image/png,abc'}]}]} | messages[0].content[0].image_url: malformed (expected: data:TYPE;base64,…)",
        "{'model':'m','messages':[{'role':'tool','content':'x'}]} | messages[0].tool_call_id: missing (expected: the id of the call that is answered)",
        "{'model':'m','messages':[{'role':'assistant','tool_calls':[{'function':{'name':'f'}}]}]} | messages[0].tool_calls[0].id: missing (expected: a string)",
        "{'model':'m','stream':'yes',MSG}      | stream: a string (expected: a boolean)",
        "{'model':'m','temperature':'hot',MSG} | temperature: a string (expected: a number)",
        "{'model':'m','temperature':1e999,MSG} | temperature: a number (expected: a finite number)",
        "{'model':'m','temperature':BIG,MSG} | temperature: a number (expected: a finite number)",
        "{'model':'m','max_tokens':BIG,MSG} | max_tokens: a number (expected: a whole number of at least -1)",
        "{'model':'m','max_tokens':1.5,MSG}    | max_tokens: 1.5 (expected: a whole number of at least -1)",
        "{'model':'m','max_tokens':99999999999,MSG} | max_tokens: 99999999999 (expected: a whole number of at least -1)",
        "{'model':'m','seed':123456789012345678901234567890,MSG} | seed: a number (expected: a whole number)",
        "{'model':'m','n':0,MSG}               | n: 0 (expected: a whole number of at least 1)",
        "{'model':'m','stop':[1],MSG}          | stop[0]: 1 (expected: a string)",
        "{'model':'m','stop':{},MSG}           | stop: an object (expected: a string or an array of strings)",
        "{'model':'m','tools':{},MSG}          | tools: an object (expected: an array)",
        "{'model':'m','tools':[{'type':'function'}],MSG} | tools[0].function: missing (expected: an object)",
        "{'model':'m','tools':[{'type':'function','function':{}}],MSG} | tools[0].function.name: missing (expected: a string)",
        "{'model':'m','tool_choice':1,MSG}     | tool_choice: 1 (expected: a string or an object)",
        "{'model':'m','response_format':'json',MSG} | response_format: a string (expected: an object)",
        "{'model':'m','response_format':{'type':'json_schema','json_schema':{}},MSG} | response_format.json_schema.schema: missing (expected: an object)",
        "{'model':'m','response_format':{'type':'xml'},MSG} | response_format.type: unknown (expected: text, json_object or json_schema)",
        "{'model':'m','top_logprobs':2,MSG}    | top_logprobs: 2 (expected: logprobs to be true with it)",
        "{'model':'m','logprobs':true,'top_logprobs':21,MSG} | top_logprobs: 21 (expected: a whole number from 0 to 20)",
        "{'model':'m','stream_options':true,MSG} | stream_options: true (expected: an object)",
      })
  void an_openai_chat_with_something_wrong_names_it(String body, String message) {
    var failure =
        refused(
            "openai-chat",
            body.replace("MSG", HI).replace("BIG", "9".repeat(400)).replace('\'', '"'));
    assertThat(failure).isEqualTo(Failure.invalid(message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "openai-chat        | {'model':'m','n':2,MSG} | n: 2 (expected: 1, several answers are not offered)",
        "openai-chat        | {'model':'m','functions':[],MSG} | functions: not offered (expected: tools)",
        "openai-chat        | {'model':'m','modalities':['text','audio'],'audio':{'voice':'a'},MSG} | modalities: audio is not offered (expected: text)",
        "openai-chat        | {'model':'m','web_search_options':{},MSG} | web_search_options: not offered (expected: none)",
        "openai-chat        | {'model':'m','moderation':{},MSG} | moderation: not offered (expected: none)",
        "openai-chat        | {'model':'m','messages':[{'role':'user','content':[{'type':'input_audio'}]}]} | messages[0].content[0].type: input_audio (expected: text or image_url)",
        "openai-chat        | {'model':'m','tools':[{'type':'custom'}],MSG} | tools[0].type: another kind of tool (expected: function)",
        "openai-completions | {'model':'m','prompt':'a','best_of':3} | best_of: 3 (expected: 1, several answers are not offered)",
        "openai-completions | {'model':'m','prompt':'a','echo':true} | echo: true (expected: false)",
        "openai-completions | {'model':'m','prompt':['a','b']} | prompt: 2 texts (expected: 1, one request for each)",
        "openai-completions | {'model':'m','prompt':[1,2]} | prompt: tokens (expected: text, token ids are not offered)",
        "openai-embeddings  | {'model':'m','input':[1,2]} | input: tokens (expected: text, token ids are not offered)",
        "openai-embeddings  | {'model':'m','input':[[1,2]]} | input: tokens (expected: text, token ids are not offered)",
      })
  void what_nobody_here_offers_is_refused_before_any_work(
      String endpoint, String body, String message) {
    var failure = refused(endpoint, body.replace("MSG", HI).replace('\'', '"'));
    assertThat(failure).isEqualTo(Failure.of(FailureCode.UNSUPPORTED, Retry.POINTLESS, message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "openai-completions | {'model':'m'} | prompt: missing (expected: a string)",
        "openai-completions | {'model':'m','prompt':[{}]} | prompt[0]: an object (expected: a string)",
        "openai-embeddings  | {'model':'m'} | input: missing (expected: a string or an array of strings)",
        "openai-embeddings  | {'model':'m','input':[]} | input: empty (expected: at least one string)",
        "openai-embeddings  | {'model':'m','input':['a',1]} | input[1]: 1 (expected: a string)",
        "openai-embeddings  | {'model':'m','input':true} | input: true (expected: a string or an array of strings)",
        "openai-embeddings  | {'model':'m','input':'a','encoding_format':'int8'} | encoding_format: unknown (expected: float or base64)",
        "openai-embeddings  | {'model':'m','input':'a','dimensions':0} | dimensions: 0 (expected: a whole number of at least 1)",
        "ollama-chat        | {MSG} | model is required",
        "ollama-chat        | {'model':'',MSG} | model is required",
        "ollama-chat        | {'model':'m','messages':'hi'} | messages: a string (expected: an array)",
        "ollama-chat        | {'model':'m','messages':[{'role':'user','content':[]}]} | messages[0].content: an array (expected: a string)",
        "ollama-chat        | {'model':'m','messages':[{'role':'user','images':'x'}]} | messages[0].images: a string (expected: an array)",
        "ollama-chat        | {'model':'m','options':[],MSG} | options: an array (expected: an object)",
        "ollama-chat        | {'model':'m','options':{'temperature':'x'},MSG} | options.temperature: a string (expected: a number)",
        "ollama-chat        | {'model':'m','options':{'num_ctx':'8k'},MSG} | options.num_ctx: a string (expected: a whole number)",
        "ollama-chat        | {'model':'m','options':{'use_mmap':1},MSG} | options.use_mmap: 1 (expected: a boolean)",
        "ollama-chat        | {'model':'m','think':'hard',MSG} | think: a string (expected: a boolean, low, medium, high or max)",
        "ollama-chat        | {'model':'m','format':'yaml',MSG} | format: a string (expected: \"json\" or a JSON schema)",
        "ollama-chat        | {'model':'m','keep_alive':true,MSG} | keep_alive: true (expected: seconds or a duration such as \"5m\")",
        "ollama-chat        | {'model':'m','top_logprobs':21,MSG} | top_logprobs: 21 (expected: a whole number from 0 to 20)",
        "ollama-generate    | {'model':'m','prompt':3} | prompt: 3 (expected: a string)",
        "ollama-generate    | {'model':'m','prompt':'a','raw':true,'system':'s'} | raw mode does not support template, system, or context",
        "ollama-embed       | {'model':'m','input':3} | input: 3 (expected: a string or an array of strings)",
        "ollama-embeddings  | {'model':'m','prompt':[]} | prompt: an array (expected: a string)",
      })
  void other_requests_with_something_wrong_name_it(String endpoint, String body, String message) {
    var failure = refused(endpoint, body.replace("MSG", HI).replace('\'', '"'));
    assertThat(failure).isEqualTo(Failure.invalid(message.replace("\\\"", "\"")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'max_tokens':1,MSG}                  | model: missing (expected: the name of a model)",
        "{'model':'m',MSG}                     | max_tokens: missing (expected: a whole number of at least 1)",
        "{'model':'m','max_tokens':0,MSG}      | max_tokens: 0 (expected: a whole number of at least 1)",
        "{MOD}                                 | messages: missing (expected: an array)",
        "{MOD,'messages':[]}                   | messages: empty (expected: at least one message)",
        "{MOD,'messages':[{'role':'user','content':''}]} | messages: empty (expected: at least one message)",
        "{MOD,'messages':[{'role':'tool','content':'x'}]} | messages[0].role: unknown (expected: user, assistant or system)",
        "{MOD,'messages':[{'role':'user'}]}    | messages[0].content: missing (expected: a string or an array of blocks)",
        "{MOD,'messages':[{'role':'user','content':3}]} | messages[0].content: 3 (expected: a string or an array of blocks)",
        "{MOD,'messages':[{'role':'user','content':[{'text':'x'}]}]} | messages[0].content[0].type: missing (expected: a string)",
        "{MOD,'messages':[{'role':'user','content':[{'type':'text','text':3}]}]} | messages[0].content[0].text: 3 (expected: a string)",
        "{MOD,'messages':[{'role':'user','content':[{'type':'tool_result'}]}]} | messages[0].content[0].tool_use_id: missing (expected: a string)",
        "{MOD,'messages':[{'role':'assistant','content':[{'type':'tool_use','name':'f'}]}]} | messages[0].content[0].id: missing (expected: a string)",
        "{MOD,'messages':[{'role':'assistant','content':[{'type':'tool_use','id':'a','name':'f','input':'x'}]}]} | messages[0].content[0].input: a string (expected: an object)",
        "{MOD,'messages':[{'role':'user','content':[{'type':'image','source':{'type':'url','url':'ftp://x'}}]}]} | messages[0].content[0].source.url: another scheme (expected: data:, http: or https:)",
        "{MOD,'system':7,MSG}                  | system: 7 (expected: a string or an array of blocks)",
        "{MOD,'tools':[{'name':'f'}],MSG}      | tools[0].input_schema: missing (expected: a JSON schema)",
        "{MOD,'tools':[{'input_schema':{}}],MSG} | tools[0].name: missing (expected: a string)",
        "{MOD,'tool_choice':'auto',MSG}        | tool_choice: a string (expected: an object)",
        "{MOD,'tool_choice':{'type':'x'},MSG}  | tool_choice.type: unknown (expected: auto, any, tool or none)",
        "{MOD,'thinking':true,MSG}             | thinking: true (expected: an object)",
        "{MOD,'output_config':{'format':{'type':'x'}},MSG} | output_config.format.type: unknown (expected: json_schema)",
        "{MOD,'output_format':{'type':'json_schema'},MSG} | output_format.schema: missing (expected: an object)",
        "{MOD,'stop_sequences':[1],MSG}        | stop_sequences[0]: 1 (expected: a string)",
      })
  void an_anthropic_message_with_something_wrong_names_it(String body, String message) {
    var failure = refused("anthropic-messages", anthropic(body));
    assertThat(failure).isEqualTo(Failure.invalid(message));
  }

  private static String anthropic(String body) {
    return body.replace("MSG", HI).replace("MOD", "'model':'m','max_tokens':1").replace('\'', '"');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{MOD,'tools':[{'type':'web_search_20250305','name':'web_search'}],MSG} | tools[0].type: web_search_20250305 (expected: custom, a tool of the client's)",
        "{MOD,'tools':[{'type':'Not A Name','name':'x'}],MSG} | tools[0].type: another kind (expected: custom, a tool of the client's)",
        "{MOD,'mcp_servers':[{}],MSG} | mcp_servers: not offered (expected: none)",
        "{MOD,'messages':[{'role':'user','content':[{'type':'document'}]}]} | messages[0].content[0].type: document (expected: text, image or tool_result)",
        "{MOD,'messages':[{'role':'user','content':[{'type':'image','source':{'type':'file','file_id':'f'}}]}]} | messages[0].content[0].source.type: file (expected: base64 or url)",
        "{MOD,'messages':[{'role':'assistant','content':[{'type':'redacted_thinking','data':'x'}]}]} | messages[0].content[0].type: redacted_thinking (expected: text, tool_use or thinking)",
        "{MOD,'messages':[{'role':'user','content':[{'type':'tool_result','tool_use_id':'a','content':[{'type':'search_result'}]}]}]} | messages[0].content[0].content[0].type: search_result (expected: text or image)",
        "{MOD,'system':[{'type':'image'}],MSG} | system[0].type: image (expected: text)",
      })
  void what_of_anthropics_nobody_here_has_is_refused_by_name(String body, String message) {
    var failure = refused("anthropic-messages", anthropic(body));
    assertThat(failure).isEqualTo(Failure.of(FailureCode.UNSUPPORTED, Retry.POINTLESS, message));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ollama-generate", "ollama-embed", "ollama-embeddings"})
  void other_ollama_endpoints_do_not_find_a_model_without_a_name(String endpoint) {
    assertThat(refused(endpoint, "{\"prompt\":\"a\"}"))
        .isEqualTo(Failure.of(FailureCode.NOT_FOUND, Retry.POINTLESS, "model '' not found"));
  }

  @Test
  void a_model_name_that_cannot_be_one_is_refused() {
    assertThat(refused("openai-chat", "{\"model\":\"a\\u0000b\"," + HI + "}").code())
        .isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(refused("ollama-chat", "{\"model\":\"" + "a".repeat(513) + "\"," + HI + "}").code())
        .isEqualTo(FailureCode.INVALID_REQUEST);
  }
}
