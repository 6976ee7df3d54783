#include "portable/exported_model.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "files/whole_file.hpp"
#include "portable/model_scripts.hpp"
#include "portable/safetensors.hpp"
#include "training/environment.hpp"
#include "varia/error.hpp"

namespace varia::portable {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "varia-model";
constexpr int kVersion = 1;
constexpr const char* kDescription = "model.json";
constexpr const char* kParameters = "parameters.safetensors";
constexpr std::uint64_t kLargestDescription = std::uint64_t{1} << 28;

const char* domain_name(Domain domain) {
  switch (domain) {
    case Domain::unit:
      return "unit";
    case Domain::real:
      return "real";
    case Domain::count:
      return "count";
    case Domain::categorical:
      break;
  }
  return "categorical";
}

/// Numbers in lists as deep as the tensor has axes.
Json nested(const Tensor& tensor) {
  if (tensor.dim() == 0) return tensor.item<double>();
  auto list = Json::array();
  for (std::int64_t i = 0; i < tensor.size(0); ++i) list.push_back(nested(tensor[i]));
  return list;
}

Json units_json(const Units& units) {
  return {{"scale", units.scale.defined() ? nested(units.scale) : Json(1.0)},
          {"offset", units.offset.defined() ? nested(units.offset) : Json(0.0)}};
}

Json section_json(const experiment::SharedValue& section) {
  return Json::parse(section->canonical());
}

Json tensor_json(const ScriptTensor& tensor) {
  auto shape = Json::array();
  for (const auto size : tensor.shape) shape.push_back(size == kBatch ? Json("batch") : Json(size));
  Json json = {{"name", tensor.name}, {"type", type_name(tensor.type)}, {"shape", shape}};
  if (!tensor.noise.empty()) json["noise"] = tensor.noise;
  return json;
}

Json script_json(const std::string& file, const Script& script) {
  Json json = {{"file", file}, {"inputs", Json::array()}, {"outputs", Json::array()}};
  for (const auto& input : script.inputs()) json["inputs"].push_back(tensor_json(input));
  for (const auto& output : script.outputs()) json["outputs"].push_back(tensor_json(output));
  return json;
}

/// The parameters of a latent variable's prior, by the names that the file of parameters has.
NamedTensors prior_parameters(const Latent& latent) {
  NamedTensors named;
  if (!latent.prior) return named;
  for (const auto& [name, value] : parameters_of(*latent.prior, latent.event.size())) {
    const bool is_of_all =
        value.dim() == static_cast<std::int64_t>(latent.event.size()) + 1 && value.size(0) == 1;
    named.emplace_back("prior." + latent.name + "." + name, is_of_all ? value.squeeze(0) : value);
  }
  return named;
}

Json latent_json(const Latent& latent, const Script& encoder) {
  Json json = {{"name", latent.name},
               {"family", latent.family},
               {"event", latent.event},
               {"observed", latent.observed}};
  const auto start = latent.name + ".";
  if (!latent.observed) {
    json["posterior"] = Json::array();
    for (const auto& output : encoder.outputs())
      if (output.name.starts_with(start))
        json["posterior"].push_back(output.name.substr(start.size()));
  }
  json["prior"] = nullptr;
  if (!latent.prior) return json;
  auto parameters = Json::object();
  const auto prefix = "prior." + start;
  for (const auto& [name, value] : prior_parameters(latent))
    parameters[name.substr(prefix.size())] = name;
  json["prior"] = {{"family", latent.prior->family()}, {"parameters", parameters}};
  return json;
}

bool is_exported_model(const fs::path& folder) {
  const auto file = folder / kDescription;
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  try {
    const auto json =
        Json::parse(files::read_whole_file(file.string(), kLargestDescription), nullptr, false);
    return json.is_object() && json.value("format", Json()) == kFormat;
  } catch (const StoreError&) {
    return false;
  }
}

/// A folder that is filled under another name.
class FolderInProgress {
 public:
  // Without the slash that TAB in a shell adds: the temporary folder would lie in the other one.
  explicit FolderInProgress(const fs::path& folder)
      : folder_((folder / "").parent_path().string()),
        temporary_(files::temporary_beside(folder_)) {
    files::create_folder_of(folder_);
    std::error_code error;
    if (!fs::create_directory(temporary_, error))
      throw StoreError(folder_, "cannot create " + temporary_ + ": " + error.message());
  }
  ~FolderInProgress() {
    std::error_code ignored;
    fs::remove_all(temporary_, ignored);
  }
  FolderInProgress(const FolderInProgress&) = delete;
  FolderInProgress& operator=(const FolderInProgress&) = delete;

  void add(const std::string& name, const std::string& content) const {
    files::write_whole_file((fs::path(temporary_) / name).string(), content);
  }
  /// Gives it its name. An exported model that has it goes.
  void publish() const {
    if (is_exported_model(folder_))
      files::replace_folder(temporary_, folder_);
    else
      files::publish_over(temporary_, folder_);
  }

 private:
  std::string folder_;
  std::string temporary_;
};

}  // namespace

void require_model_folder(const std::string& option, const std::string& folder) {
  std::error_code absent;
  const auto status = fs::status(folder, absent);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status))
    throw ConfigError(option + ": " + folder + " is a file; expected the name of a folder");
  if (!fs::is_empty(folder, absent) && !is_exported_model(folder))
    throw ConfigError(option + ": " + folder +
                      " holds something else than an exported model; name a folder that is not "
                      "there yet");
}

std::vector<std::string> export_model(const training::TrainedModel& trained,
                                      const experiment::Trial& trial,
                                      const std::vector<results::PluginVersion>& plugins,
                                      const std::string& folder) {
  const torch::NoGradGuard no_grad;
  const auto& components = trained.components();
  auto& model = *components.model;
  model.to(torch::kCPU);
  const auto& train = components.data->splits.train;
  const auto scripts = [&] {
    try {
      return scripts_of(model, components.tensors(), train);
    } catch (const TraceError& error) {
      throw ConfigError("model " + trial.model->find("use")->text() +
                        " cannot be exported: " + error.what());
    }
  }();

  const auto& data = components.build.data;
  const auto versions = training::this_environment().versions;
  Json json = {{"format", kFormat},
               {"version", kVersion},
               {"varia", versions.varia},
               {"libtorch", versions.torch},
               {"experiment", trial.plan->name},
               {"trial", trial.id},
               {"seed", trial.seed},
               {"epoch", trained.epoch()}};
  json["plugins"] = Json::array();
  for (const auto& [name, version, digest] : plugins)
    json["plugins"].push_back({{"name", name}, {"version", version}, {"digest", digest}});
  json["model"] = section_json(trial.model);
  json["data"] = section_json(trial.data);
  json["event"] = data.event;
  json["blocks"] = Json::array();
  for (const auto& block : data.blocks)
    json["blocks"].push_back({{"domain", domain_name(block.domain)}, {"size", block.size}});
  json["features"] = data.features;
  json["classes"] = data.classes;
  json["covariates"] = data.covariates;
  json["units"] = units_json(train.annotations().units);
  json["bound"] = model.bound();
  json["latents"] = Json::array();
  auto tensors = components.tensors();
  for (const auto& latent : model.latents()) {
    json["latents"].push_back(latent_json(latent, scripts.scripts.front().second));
    for (auto& parameter : prior_parameters(latent)) tensors.push_back(std::move(parameter));
  }
  json["likelihood"] = {{"family", scripts.likelihood},
                        {"parameters", scripts.likelihood_parameters}};
  json["parameters"] = kParameters;
  json["scripts"] = Json::object();
  const FolderInProgress files(folder);
  for (const auto& [name, script] : scripts.scripts) {
    const auto file = name + ".pt";
    json["scripts"][name] = script_json(file, script);
    files.add(file, script.content());
  }
  json["absent"] = scripts.absent;
  files.add(kParameters, safetensors_of(tensors));
  files.add(kDescription, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  files.publish();

  std::vector<std::string> absent;
  for (const auto& [name, reason] : scripts.absent) absent.push_back(name + ": " + reason);
  return absent;
}

}  // namespace varia::portable
