using System;
using System.IO;
using System.Linq;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using QuickType;

/// Reads each line of the corpus with the generated types and writes it back.
public static class Read
{
    public static void Main()
    {
        Console.InputEncoding = Console.OutputEncoding = new UTF8Encoding(false);
        Converter.Settings.NullValueHandling = NullValueHandling.Ignore;
        for (string line; (line = Console.ReadLine()) != null;)
        {
            var item = Parse(line);
            var result = new JObject(new JProperty("name", item["name"]));
            try
            {
                result["output"] = Rewrite((string)item["document"], item["input"]);
            }
            // The generated code throws several kinds of exceptions.
            catch (Exception error)
            {
                result["error"] = error.Message;
            }
            Console.WriteLine(result.ToString(Formatting.None));
        }
    }

    /// Messages are read one by one, each by its type: in the types of payloads, one type has the fields of all known kinds.
    private static JToken Rewrite(string document, JToken input)
    {
        if (document == "poll") return new JArray(input.Select(message => Rewrite("message", message)));
        var requests = document == "job" ? input["credential_requests"] : null;
        if (requests != null) requests.Parent.Remove();
        var value = JsonConvert.DeserializeObject(input.ToString(), TypeOf(document, input), Converter.Settings);
        var written = Parse(JsonConvert.SerializeObject(value, Converter.Settings));
        if (requests != null && requests.HasValues) written["credential_requests"] = Rewrite("poll", requests);
        return written;
    }

    private static Type TypeOf(string document, JToken input)
    {
        switch (document == "message" ? (string)input["type"] : document)
        {
            case "job": return typeof(JobEntity);
            case "notification": return typeof(Notification);
            case "job_status": return typeof(JobStatusMessage);
            case "tfa_request": return typeof(TfaRequestMessage);
            case "credential_request": return typeof(CredentialRequestMessage);
            case "initial_account_link": return typeof(InitialAccountLinkMessage);
            case "tfa": return typeof(TfaMessage);
            case "tfa_message": return typeof(TfaMessageMessage);
            case "security": return typeof(SecurityMessage);
            case "tfa_response": return typeof(TfaResponseMessage);
            case "credential_response": return typeof(CredentialResponseMessage);
            default: return typeof(UnknownMessage);
        }
    }

    /// By default, the library converts every text that looks like a date.
    private static JToken Parse(string json)
    {
        return JToken.ReadFrom(new JsonTextReader(new StringReader(json)) { DateParseHandling = DateParseHandling.None });
    }
}
