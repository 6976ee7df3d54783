#include "results/picture_labels.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "varia/error.hpp"

namespace varia::results {

using nlohmann::json;

namespace {

using Colour = std::array<std::uint8_t, 3>;

[[noreturn]] void refuse() { throw Error("the labels of a picture are damaged"); }

/// Text that is not UTF-8 gets replacement characters.
std::string text_of(const json& value) {
  return value.empty() ? "" : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

double finite(const json& number) {
  const auto value = number.get<double>();
  if (!std::isfinite(value)) refuse();
  return value;
}

std::string text_of(const Colour& colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]);
}

Colour colour_of(const std::string& text) {
  if (text.size() != 7 || text[0] != '#') refuse();
  Colour colour{};
  for (std::size_t i = 0; i < colour.size(); ++i) {
    const char* begin = text.data() + 1 + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, colour.at(i), 16);
    if (error != std::errc() || end != begin + 2) refuse();
  }
  return colour;
}

json axis_json(const PlotAxis& axis) {
  return {{"from", axis.from}, {"to", axis.to}, {"name", axis.name}};
}

std::optional<PlotAxis> axis_of(const json& all, const char* key) {
  if (!all.contains(key)) return std::nullopt;
  const auto& axis = all.at(key);
  const PlotAxis found{finite(axis.at("from")), finite(axis.at("to")), axis.at("name")};
  if (found.to <= found.from) refuse();
  return found;
}

std::optional<ColourBar> colours_of(const json& all) {
  if (!all.contains("colours")) return std::nullopt;
  const auto& bar = all.at("colours");
  ColourBar found{bar.at("name"), {}, {}};
  for (const auto& colour : bar.at("colours")) found.colours.push_back(colour_of(colour));
  for (const auto& edge : bar.at("edges")) found.edges.push_back(finite(edge));
  if (found.colours.empty() || found.edges.size() != found.colours.size() + 1) refuse();
  return found;
}

}  // namespace

json labels_json(const PictureLabels& labels) {
  json all = json::object();
  if (!labels.rows.empty()) all["rows"] = labels.rows;
  if (!labels.columns.empty()) all["columns"] = labels.columns;
  if (labels.x) all["x"] = axis_json(*labels.x);
  if (labels.y) all["y"] = axis_json(*labels.y);
  if (labels.colours) {
    auto colours = json::array();
    for (const auto& colour : labels.colours->colours) colours.push_back(text_of(colour));
    all["colours"] = {
        {"name", labels.colours->name}, {"colours", colours}, {"edges", labels.colours->edges}};
  }
  if (!labels.tiles.empty()) all["tiles"] = labels.tiles;
  return all;
}

std::string labels_text(const PictureLabels& labels) { return text_of(labels_json(labels)); }

PictureLabels labels_of(const std::string& text) {
  if (text.empty()) return {};
  try {
    const auto all = json::parse(text);
    if (!all.is_object()) refuse();
    PictureLabels labels;
    labels.rows = all.value("rows", labels.rows);
    labels.columns = all.value("columns", labels.columns);
    labels.x = axis_of(all, "x");
    labels.y = axis_of(all, "y");
    labels.colours = colours_of(all);
    labels.tiles = all.value("tiles", labels.tiles);
    return labels;
  } catch (const json::exception&) {
    refuse();
  }
}

json classes_json(const ClassNames& classes) {
  json all = json::object();
  for (const auto& [label, name] : classes) all[std::to_string(label)] = name;
  return all;
}

std::string classes_text(const ClassNames& classes) { return text_of(classes_json(classes)); }

ClassNames classes_of(const std::string& text) {
  if (text.empty()) return {};
  try {
    ClassNames classes;
    for (const auto& [key, name] : json::parse(text).get<std::map<std::string, std::string>>()) {
      std::int64_t label = 0;
      const auto [rest, error] = std::from_chars(key.data(), key.data() + key.size(), label);
      if (error != std::errc() || rest != key.data() + key.size())
        throw Error("the names of classes are damaged");
      classes[label] = name;
    }
    return classes;
  } catch (const json::exception&) {
    throw Error("the names of classes are damaged");
  }
}

}  // namespace varia::results
