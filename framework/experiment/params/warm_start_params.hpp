#pragma once

#include <string>
#include <vector>

#include "varia/file_digest.hpp"
#include "varia/parameters.hpp"

/// What `model:` may have beside the model's own parameters: where their first values come from,
/// and which of them stay as they are. Both are a part of what a trial is.
namespace varia::experiment {

/// `model.from:` values that another trial has kept. `{results: FILE, trial: ID}` stands for the
/// `file` FILE-without-its-ending/models/ID.h5; ID may be the beginning of one that is there.
struct SourceParams final : ParamSet {
  Text file{this, "file", kUnset,
            "Parameters that a trial has kept (train.keep): NAME/models/ID.h5 beside NAME.h5."};
  FileDigest file_sha256{
      this,
      "file_sha256",
      file,
      {"kept parameters", "varia run --from RESULTS.h5 --trial ID trains that model again"},
      "SHA-256 of the file: found by itself, and a part of what a trial is known by. If it is "
      "given, another file is refused."};
  TextList parts{
      this,
      "parts",
      {},
      "Beginnings of the names that are taken, such as encoder; none: all of the model."};
};

/// The subject of SourceParams in messages.
inline constexpr const char* kSourceSubject = "model: from";

/// The two keys.
inline constexpr const char* kWarmStartKeys[] = {"from", "freeze"};
inline constexpr const char* kFrom = kWarmStartKeys[0];
inline constexpr const char* kFreeze = kWarmStartKeys[1];

/// Both keys of a section, resolved.
struct WarmStart {
  Value from;    ///< null: all values follow from the seed
  Value freeze;  ///< a list of beginnings of names; null: none
};

/// Takes them out of a model's section, and resolves them. A source that is known by its digest
/// need not be there: a trained model is used without it.
/// @throws ConfigError
WarmStart take_warm_start(Value& model);

/// The keys with what they take, as JSON Schemas (varia/parameter_schema.hpp).
Value warm_start_keys();

/// Puts them into a section that was resolved without them.
void put_warm_start(const WarmStart& start, Value& model);

/// The parts of a resolved section that stay as they are.
std::vector<std::string> frozen_parts(const Value& model);

/// True if a tensor's name begins with one of the parts: "encoder" is a part of "encoder.weight0".
bool is_part(const std::string& name, const std::vector<std::string>& parts);

/// The section as an identity has it: known by the content of the source, wherever that lies.
Value without_source_path(const Value& model);

}  // namespace varia::experiment
