#include "cells/data_frame.hpp"

#include <algorithm>

#include "cells/entries.hpp"
#include "cells/lists.hpp"
#include "hdf5/attribute.hpp"
#include "hdf5/compound.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

namespace {

/// In a data frame of AnnData 0.7, the group of the categories of its columns.
constexpr const char* kCategories07 = "__categories";
/// Before, what follows the name of a column in `uns`.
constexpr const char* kCategoriesBefore = "_categories";

}  // namespace

DataFrame::DataFrame(const hdf5::Object& file, const std::string& name, std::int64_t rows)
    : file_(file), is_group_(hdf5::is_group(file, name)), rows_(rows) {
  if (!hdf5::exists(file, name)) {
    throw DataError(file.file->path, "is not an AnnData file: it has no '" + name +
                                         "'. Write one with anndata's write_h5ad.");
  }
  frame_ = is_group_ ? hdf5::open_group(file, name) : open_list(file, name);
  if (!is_group_ && hdf5::field_names(frame_).empty())
    throw DataError(place_of(frame_), "expected a data frame, found an array without columns.");
}

std::string DataFrame::index_name() const {
  if (!is_group_) return hdf5::field_names(frame_).front();
  if (hdf5::has_attribute(frame_, "_index")) {
    auto name = hdf5::read_attribute<std::string>(frame_, "_index");
    if (!name.empty() && name.find('/') == std::string::npos) return name;
  }
  return hdf5::exists(frame_, "_index") ? "_index" : "index";
}

std::vector<std::string> DataFrame::index() const {
  const auto name = index_name();
  const auto entries = is_group_ ? read_entries(frame_, name) : read_field(frame_, name);
  if (static_cast<std::int64_t>(entries.size()) != rows_) {
    throw DataError(place_of(frame_), "has " + std::to_string(entries.size()) +
                                          " names; expected " + std::to_string(rows_) +
                                          ", as the matrix has.");
  }
  std::vector<std::string> names;
  for (std::size_t row = 0; row < entries.size(); ++row) names.push_back(entries.text(row));
  return names;
}

std::vector<std::string> DataFrame::columns() const {
  auto all = is_group_ ? hdf5::names(frame_) : hdf5::field_names(frame_);
  const auto index = index_name();
  std::erase_if(
      all, [&](const auto& name) { return name == index || (is_group_ && name == kCategories07); });
  return all;
}

TableColumn DataFrame::read_column(const std::string& name, bool as_categories) const {
  const auto place = place_of(frame_);
  const auto by_content = [&](const Entries& entries) {
    const bool are_numbers = entries.texts.empty() && !entries.are_booleans;
    return are_numbers && !as_categories ? number_column(place, name, entries)
                                         : category_column(place, name, entries);
  };
  if (!is_group_) {
    const auto known = name + kCategoriesBefore;
    if (hdf5::is_group(file_, "uns")) {
      const auto uns = hdf5::open_group(file_, "uns");
      if (hdf5::exists(uns, known))
        return category_column(place, name, read_field(frame_, name), read_entries(uns, known));
    }
    return by_content(read_field(frame_, name));
  }
  if (hdf5::is_group(frame_, name)) {
    const auto group = hdf5::open_group(frame_, name);
    if (encoding_of(group) == "categorical")
      return category_column(place, name, read_entries(group, "codes"),
                             read_entries(group, "categories"));
  } else if (hdf5::is_group(frame_, kCategories07)) {
    const auto known = hdf5::open_group(frame_, kCategories07);
    if (hdf5::exists(known, name))
      return category_column(place, name, read_entries(frame_, name), read_entries(known, name));
  }
  return by_content(read_entries(frame_, name));
}

TableColumn DataFrame::column(const std::string& name, bool as_categories, std::size_t most) const {
  auto column = read_column(name, as_categories);
  if (static_cast<std::int64_t>(column.rows()) != rows_) {
    throw DataError(place_of(frame_), "column '" + name + "' has " + std::to_string(column.rows()) +
                                          " entries; expected " + std::to_string(rows_) +
                                          ", as the matrix has rows.");
  }
  if (column.categories().size() > most) {
    throw DataError(place_of(frame_),
                    "column '" + name + "' has " + std::to_string(column.categories().size()) +
                        " categories; at most " + std::to_string(most) + " are read.");
  }
  return column;
}

}  // namespace varia::datasets
