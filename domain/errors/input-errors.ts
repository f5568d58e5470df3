// What the caller can mend; nothing was written.

import { API_PREFIX } from '../../contract/words/api.js';
import { toEntry } from './error-entry.js';

export const INPUT_ERRORS = {
  MALFORMED_JSON: toEntry('input', 400, 'The request body is not JSON', 'Send a JSON object with Content-Type: application/json.'),
  INVALID_REQUEST: toEntry('input', 400, 'The request does not fit the schema', `Compare the request with GET ${API_PREFIX}/openapi.json.`),
  UNSUPPORTED_MEDIA_TYPE: toEntry(
    'input',
    415,
    'The request body is of the wrong media type',
    'Send Content-Type: application/json in UTF-8.',
  ),
  FOREIGN_ORIGIN: toEntry(
    'input',
    403,
    'The request comes from another site',
    'Call the API by its loopback address, for example http://127.0.0.1:7400.',
  ),
  UNKNOWN_TOKEN: toEntry(
    'input',
    401,
    'The token is not one of this lab',
    'Take a token of tokens.json in the home of the lab, or none on the machine of the lab.',
  ),
  FORBIDDEN: toEntry('input', 403, 'This token may only read', 'Use the token of an operator.'),
  BODY_TOO_LARGE: toEntry('input', 413, 'The request body is too large', 'Send less: a table as CSV is shorter than its rows as JSON.'),
  UNKNOWN_PARAMETER: toEntry('input', 422, 'The protocol has no such parameter', 'See the parameters with: praxis protocols <protocol>.'),
  MISSING_PARAMETER: toEntry('input', 422, 'A required parameter is missing', 'Give it with -p name=value.'),
  PARAMETER_TYPE: toEntry('input', 422, 'A parameter has the wrong type', 'Give a value of the type that the field names.'),
  PARAMETER_RANGE: toEntry('input', 422, 'A parameter is outside its limits', 'Give a value within the limits that the field names.'),
  TABLE_UNREADABLE: toEntry(
    'input',
    422,
    'A table cannot be read',
    'Save it as CSV in UTF-8, with a first line of column names; praxis protocols <protocol> shows them.',
  ),
  FILE_UNREADABLE: toEntry(
    'input',
    422,
    'A file cannot be read as text',
    'Save it as text in UTF-8; in a spreadsheet: Save as, CSV UTF-8.',
  ),
  UNKNOWN_ASSET: toEntry('input', 422, 'No such asset', 'See what is there with: praxis machines, praxis labware.'),
  ASSET_MISMATCH: toEntry(
    'input',
    422,
    'The asset is of the wrong kind for this protocol',
    'Choose an asset of the kind that the field names.',
  ),
  ASSET_UNAVAILABLE: toEntry('input', 422, 'No asset of this kind exists', 'Add one, or name another with --asset name=item.'),
  ASSET_AMBIGUOUS: toEntry('input', 422, 'Several items fit equally', 'Name the one that is meant with --asset name=item.'),
  BAD_SETTING: toEntry('input', 422, 'A setting has a bad value', 'Correct the environment variable that the message names.'),
  ANSWER_TYPE: toEntry('input', 422, 'The answer is not what was asked for', 'See what is asked with: praxis inbox.'),
  ANSWER_TIMEOUT: toEntry('machine', 422, 'Nobody answered in time', 'Ask again, or give the question a default answer.'),
  STATE_TOO_LARGE: toEntry(
    'input',
    422,
    'The run state is larger than 64 KiB',
    'Keep measurements with run.data.save and only small values in run.state.',
  ),
  VALUE_TOO_LARGE: toEntry(
    'input',
    422,
    'A value is larger than what may travel',
    'Hand over and return less: keep measurements with run.data.save, in parts.',
  ),
  CALL_TOO_DEEP: toEntry(
    'input',
    422,
    'Calls are nested too deeply',
    'Use a loop (run.each, run.every) instead of calls that call each other.',
  ),
  LEDGER_FULL: toEntry(
    'input',
    422,
    'The run remembers more than a run can carry',
    'Put long loops into run.each or run.every, or parts of them into protocol functions of their own.',
  ),
  DECK_NOT_CONFIRMED: toEntry(
    'input',
    422,
    'Nobody has confirmed the deck',
    'Put the deck as it was when that call began, with nothing on channels and in grippers; then send isDeckConfirmed: true.',
  ),
  BAD_STATEMENT: toEntry('input', 422, 'The statement contradicts the lab', 'Compare it with the labware it names.'),
  SOURCE_UNREADABLE: toEntry('input', 422, 'A folder of protocols cannot be read', 'Check the path, its permissions and what lies in it.'),
} as const;
