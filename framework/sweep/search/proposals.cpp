#include "sweep/search/proposals.hpp"

#include <fmt/format.h>

#include "experiment/yaml/yaml_reader.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw StoreError(path.string(),
                   fmt::format("the points that a search has proposed cannot be read: {}; restore "
                               "the file, or move it away to begin the search anew",
                               what));
}

}  // namespace

ProposalFile::ProposalFile(std::filesystem::path path, Value random, std::int64_t seed)
    : path_(std::move(path)), space_(std::move(random)), seed_(seed) {
  space_.erase("count");
}

bool ProposalFile::is_own(const Value& section) const {
  const Value* space = section.find("space");
  const Value* seed = section.find("seed");
  return space != nullptr && seed != nullptr && same_content(*space, space_) &&
         seed->as_integer() == seed_;
}

std::vector<Value> ProposalFile::sections() const {
  std::error_code ignored;
  if (!std::filesystem::exists(path_, ignored)) return {};
  try {
    const auto content = experiment::read_yaml_file(path_.string());
    if (!content.is_list()) refuse(path_, "expected a list, found " + content.describe());
    return content.items();
  } catch (const ConfigError& error) {
    refuse(path_, error.what());
  }
}

std::vector<Proposal> ProposalFile::read() const {
  std::vector<Proposal> proposals;
  for (const auto& section : sections()) {
    if (!is_own(section)) continue;
    const Value* points = section.find("points");
    if (points == nullptr) refuse(path_, "a space has no 'points'");
    for (const auto& item : points->items()) {
      const Value* values = item.find("values");
      const Value* results = item.find("results");
      if (values == nullptr || !values->is_map() || results == nullptr)
        refuse(path_,
               fmt::format("{}: a point has no 'values' or no 'results'", item.where().text()));
      proposals.push_back({*values, results->text()});
    }
  }
  return proposals;
}

void ProposalFile::write(const std::vector<Proposal>& proposals, std::size_t startup) const {
  std::vector<Value> points;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    Value point = Value::map({});
    point.set("index", Value::integer(static_cast<std::int64_t>(startup + i)));
    point.set("values", proposals[i].point);
    point.set("results", Value::text(proposals[i].results));
    points.push_back(std::move(point));
  }
  Value own = Value::map({});
  own.set("space", space_);
  own.set("seed", Value::integer(seed_));
  own.set("points", Value::list(std::move(points)));
  std::vector<Value> all;
  for (auto& section : sections())
    if (!is_own(section)) all.push_back(std::move(section));
  all.push_back(own);
  auto text = experiment::write_yaml(Value::list(std::move(all)));
  // Not more than can be read again: then other spaces go.
  if (text.size() > experiment::kMaxFileBytes / 2)
    text = experiment::write_yaml(Value::list({std::move(own)}));
  files::write_whole_file(path_.string(), text);
}

experiment::ProposedPoints points_of(const std::vector<Proposal>& proposals) {
  experiment::ProposedPoints points;
  for (const auto& proposal : proposals) points.push_back(proposal.point);
  return points;
}

std::string ranges_text(const std::vector<std::size_t>& indices) {
  std::string text;
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t last = i;
    while (last + 1 < indices.size() && indices[last + 1] == indices[last] + 1) ++last;
    text += text.empty() ? "" : ", ";
    text +=
        last == i ? fmt::format("{}", indices[i]) : fmt::format("{}-{}", indices[i], indices[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace varia::sweep
