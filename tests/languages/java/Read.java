import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import messages.*;

/** Reads each line of the corpus with the generated types, and writes it back. */
public class Read {
    private static final ObjectMapper MAPPER = new ObjectMapper()
        .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
        .setSerializationInclusion(JsonInclude.Include.NON_NULL);

    public static void main(String[] args) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        for (String line; (line = lines.readLine()) != null;) {
            JsonNode item = MAPPER.readTree(line);
            JsonNode input = item.get("input");
            ObjectNode result = MAPPER.createObjectNode().set("name", item.get("name"));
            try {
                result.set("output", read(item.get("document").asText(), input));
            } catch (JsonProcessingException error) {
                result.put("error", error.getOriginalMessage());
            }
            out.println(result);
        }
    }

    /** Messages are read one by one, each by its type: in the types of payloads, one type has the fields of all known kinds. */
    private static JsonNode read(String document, JsonNode input) throws IOException {
        if (document.equals("poll")) {
            ArrayNode messages = MAPPER.createArrayNode();
            for (JsonNode message : input) messages.add(read("message", message));
            return messages;
        }
        JsonNode requests = document.equals("job") ? ((ObjectNode) input).remove("credential_requests") : null;
        Class<?> type = named(document.equals("message") ? input.get("type").asText() : document);
        Object value = MAPPER.readValue(input.toString(), type);
        JsonNode written = MAPPER.readTree(MAPPER.writeValueAsString(value));
        if (requests != null && !requests.isNull()) {
            ((ObjectNode) written).set("credential_requests", read("poll", requests));
        }
        return written;
    }

    private static Class<?> named(String name) {
        switch (name) {
            case "job": return JobEntity.class;
            case "notification": return Notification.class;
            case "job_status": return JobStatusMessage.class;
            case "tfa_request": return TfaRequestMessage.class;
            case "credential_request": return CredentialRequestMessage.class;
            case "initial_account_link": return InitialAccountLinkMessage.class;
            case "tfa": return TfaMessage.class;
            case "tfa_message": return TfaMessageMessage.class;
            case "security": return SecurityMessage.class;
            case "tfa_response": return TfaResponseMessage.class;
            case "credential_response": return CredentialResponseMessage.class;
            default: return UnknownMessage.class;
        }
    }
}
