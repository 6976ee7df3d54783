#include "experiment/params/warm_start_params.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "varia/data_folder.hpp"
#include "varia/parameter_schema.hpp"

namespace varia::experiment {

namespace fs = std::filesystem;

namespace {

struct FreezeParams final : ParamSet {
  TextList freeze{this, kFreeze, {}, "Beginnings of the names of parameters that stay."};
};

/// The one id in a folder of kept parameters that begins with `beginning`.
std::string found_id(const fs::path& folder, const Value& beginning) {
  std::vector<std::string> all;
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".h5") continue;
    all.push_back(entry->path().stem().string());
    if (all.back().starts_with(beginning.text())) found.push_back(all.back());
  }
  if (found.size() == 1) return found.front();
  std::ranges::sort(found);
  throw ConfigError(
      beginning.where(),
      found.empty()
          ? fmt::format("model: from: no trial with kept parameters in {} has an id that "
                        "begins with '{}'; they are kept unless train.keep is none. {}",
                        folder.string(), beginning.text(), suggestion(beginning.text(), all))
          : fmt::format("model: from: several ids in {} begin with '{}': {}", folder.string(),
                        beginning.text(), fmt::join(found, ", ")));
}

/// Puts `file` in place of `results` and `trial`.
void spell_out_file(Value& from) {
  const auto* results = from.find("results");
  const auto* trial = from.find("trial");
  if (results == nullptr && trial == nullptr) return;
  if (results == nullptr || trial == nullptr || from.find("file") != nullptr)
    throw ConfigError(from.where(),
                      "model: from: expected 'results' and 'trial', or 'file' in place of both");
  for (const auto* value : {results, trial})
    if (!value->is_scalar() || value->text().empty() ||
        (value == trial && value->text().find('/') != std::string::npos))
      throw ConfigError(value->where(), fmt::format("model: from: {}: expected {}, found {}",
                                                    value == trial ? "trial" : "results",
                                                    value == trial ? "the id of a trial"
                                                                   : "the path of a results file",
                                                    value->describe()));
  const auto folder = fs::path(results->text()).replace_extension() / "models";
  const auto where = results->where();
  const auto placed = Value::scalar(folder.string(), /*quoted=*/true, where);
  const auto id = found_id(written_path(placed), *trial);
  from.erase("results");
  from.erase("trial");
  from.set("file", Value::scalar((folder / (id + ".h5")).string(), /*quoted=*/true, where), where);
}

}  // namespace

WarmStart take_warm_start(Value& model) {
  WarmStart start;
  if (const auto* given = model.find(kFrom); given != nullptr && !given->is_null()) {
    start.from = *given;
    if (!start.from.is_map())
      throw ConfigError(start.from.where(),
                        fmt::format("model: from: expected a map such as {{results: "
                                    "results/sweep.h5, trial: ID, parts: [encoder]}}, found {}",
                                    start.from.describe()));
    spell_out_file(start.from);
    const auto* file = start.from.find("file");
    const bool is_known = start.from.find("file_sha256") != nullptr && file != nullptr;
    std::error_code error;
    if (!is_known || fs::exists(written_path(*file), error)) {
      SourceParams params;
      params.load(start.from, {nullptr, kSourceSubject, start.from.where()});
      const auto where = start.from.where();
      start.from = params.resolved();
      start.from.set_where(where);
    }
  }
  if (const auto* given = model.find(kFreeze); given != nullptr && !given->is_null()) {
    FreezeParams params;
    params.load(Value::map({{kFreeze, *given, given->where()}}, given->where()),
                {nullptr, "model", given->where()});
    start.freeze = params.freeze.resolved();
    start.freeze.set_where(given->where());
  }
  model.erase(kFrom);
  model.erase(kFreeze);
  return start;
}

Value warm_start_keys() {
  Value source = SourceParams().schema();
  const auto text = [](const char* doc) {
    return schema_of({{"type", Value::text("string")}, {"description", Value::text(doc)}});
  };
  auto* const keys = source.find("properties");
  keys->set("results", text("A results file, with 'trial' in place of 'file'."));
  keys->set("trial", text("The id of a trial with kept parameters, or its beginning."));
  source.set("description", Value::text("Where the first values of its parameters come from."));
  Value all = *FreezeParams().schema().find("properties");
  all.set(kFrom, std::move(source));
  return all;
}

void put_warm_start(const WarmStart& start, Value& model) {
  if (!start.from.is_null()) model.set(kFrom, start.from);
  if (!start.freeze.is_null()) model.set(kFreeze, start.freeze);
}

std::vector<std::string> frozen_parts(const Value& model) {
  std::vector<std::string> parts;
  if (const auto* freeze = model.find(kFreeze); freeze != nullptr)
    for (const auto& part : freeze->items()) parts.push_back(part.text());
  return parts;
}

bool is_part(const std::string& name, const std::vector<std::string>& parts) {
  return std::ranges::any_of(
      parts, [&](const std::string& part) { return name == part || name.starts_with(part + "."); });
}

Value without_source_path(const Value& model) {
  auto known = model;
  if (auto* from = known.find(kFrom); from != nullptr && from->is_map()) from->erase("file");
  return known;
}

}  // namespace varia::experiment
