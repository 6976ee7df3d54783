#include "cells/data_frame.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "cells/lists.hpp"
#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::datasets {

namespace {

constexpr const char* kOldCategories = "__categories";
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

std::string encoding_of(const hdf5::Object& group) {
  return hdf5::has_attribute(group, "encoding-type")
             ? hdf5::read_attribute<std::string>(group, "encoding-type")
             : "";
}

/// Booleans as h5py writes them: an enumeration of FALSE and TRUE.
std::vector<std::int64_t> read_booleans(const hdf5::Object& list) {
  const auto values = hdf5::read<std::uint8_t>(list);
  if (std::ranges::any_of(values, [](std::uint8_t value) { return value > 1; }))
    throw DataError(place_of(list), "is an enumeration; expected numbers, booleans or text.");
  return {values.begin(), values.end()};
}

/// The entries of a column, one after the other, of whichever type they are.
struct Entries {
  std::vector<std::string> texts;  // empty if they are numbers
  std::vector<double> numbers;
  bool are_booleans = false;  // as numbers

  std::size_t size() const { return std::max(texts.size(), numbers.size()); }
  std::string text(std::size_t row) const {
    if (!texts.empty()) return texts[row];
    if (are_booleans) return numbers[row] == 0 ? "False" : "True";
    return number_text(numbers[row]);
  }
};

Entries read_entries(const hdf5::Object& list) {
  Entries entries;
  switch (hdf5::class_of(list)) {
    case H5T_STRING:
      entries.texts = read_text_list(list);
      break;
    case H5T_ENUM: {
      const auto booleans = read_booleans(list);
      entries.numbers.assign(booleans.begin(), booleans.end());
      entries.are_booleans = true;
      break;
    }
    case H5T_INTEGER:
    case H5T_FLOAT:
      entries.numbers = hdf5::read<double>(list);
      break;
    default:
      throw DataError(place_of(list), "does not hold numbers, booleans or text.");
  }
  return entries;
}

/// Those of a data set, or of a nullable array: a group of `values` and `mask`.
/// @param is_missing which are; empty: none
Entries read_nullable(const hdf5::Object& parent, const std::string& name,
                      std::vector<bool>& is_missing) {
  if (!hdf5::is_group(parent, name)) return read_entries(open_list(parent, name));
  const auto group = hdf5::open_group(parent, name);
  const auto encoding = encoding_of(group);
  if (!encoding.starts_with("nullable-")) {
    throw DataError(place_of(group),
                    "is of another encoding than expected: categorical, or an array of numbers, "
                    "booleans or text.");
  }
  auto entries = read_entries(open_list(group, "values"));
  const auto mask = read_booleans(open_list(group, "mask"));
  if (mask.size() != entries.size())
    throw DataError(place_of(group), "is damaged: it has " + std::to_string(entries.size()) +
                                         " values and " + std::to_string(mask.size()) +
                                         " entries of its mask.");
  is_missing.assign(mask.begin(), mask.end());
  return entries;
}

/// Categories by what occurs in the entries that are not missing: whole numbers by size, text
/// sorted.
TableColumn categories_of(const hdf5::Object& frame, const std::string& name,
                          const Entries& entries, const std::vector<bool>& is_missing) {
  std::map<std::pair<double, std::string>, std::int32_t> known;
  const auto key = [&](std::size_t row) {
    return entries.texts.empty() ? std::pair(entries.numbers[row], std::string())
                                 : std::pair(0.0, entries.texts[row]);
  };
  const auto has = [&](std::size_t row) {
    return (is_missing.empty() || !is_missing[row]) &&
           (!entries.texts.empty() || !std::isnan(entries.numbers[row]));
  };
  for (std::size_t row = 0; row < entries.size(); ++row) {
    if (!has(row)) continue;
    if (entries.texts.empty() && entries.numbers[row] != std::floor(entries.numbers[row])) {
      throw DataError(place_of(frame), "column '" + name +
                                           "': expected labels that are whole numbers or text, "
                                           "found " +
                                           entries.text(row) + ".");
    }
    known.emplace(key(row), -1);
  }
  std::vector<std::string> categories(known.size());
  std::int32_t next = 0;
  for (auto& [entry, code] : known) code = next++;
  std::vector<std::int32_t> codes;
  for (std::size_t row = 0; row < entries.size(); ++row) {
    codes.push_back(has(row) ? known.at(key(row)) : -1);
    if (codes.back() >= 0) categories[static_cast<std::size_t>(codes.back())] = entries.text(row);
  }
  return TableColumn::of_categories(name, std::move(categories), std::move(codes));
}

TableColumn numbers_of(const hdf5::Object& frame, const std::string& name, const Entries& entries,
                       const std::vector<bool>& is_missing) {
  std::vector<float> numbers;
  for (std::size_t row = 0; row < entries.size(); ++row) {
    const auto number = static_cast<float>(entries.numbers[row]);
    if (std::isinf(number)) {
      throw DataError(place_of(frame), "column '" + name + "': row " + std::to_string(row) +
                                           " is " + number_text(entries.numbers[row]) +
                                           "; expected numbers that a float32 can hold.");
    }
    numbers.push_back(!is_missing.empty() && is_missing[row] ? kMissing : number);
  }
  return TableColumn::of_numbers(name, std::move(numbers));
}

/// @param codes, categories their data sets; a code of -1 is a missing entry
TableColumn categorical(const hdf5::Object& frame, const std::string& name,
                        const hdf5::Object& codes, const hdf5::Object& parent,
                        const std::string& categories) {
  std::vector<bool> is_missing;
  const auto known = read_nullable(parent, categories, is_missing);
  if (hdf5::class_of(codes) != H5T_INTEGER)
    throw DataError(place_of(codes), "does not hold the whole numbers of categories.");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < known.size(); ++i) names.push_back(known.text(i));
  std::vector<std::int32_t> numbers;
  for (const auto code : hdf5::read<std::int64_t>(codes)) {
    if (code < -1 || code >= static_cast<std::int64_t>(names.size())) {
      throw DataError(place_of(frame), "column '" + name + "' is damaged: it has the category " +
                                           std::to_string(code) + " among " +
                                           std::to_string(names.size()) + ".");
    }
    numbers.push_back(static_cast<std::int32_t>(code));
  }
  return TableColumn::of_categories(name, std::move(names), std::move(numbers));
}

}  // namespace

DataFrame::DataFrame(const hdf5::Object& file, const std::string& name, std::int64_t rows)
    : rows_(rows) {
  if (!hdf5::exists(file, name)) {
    throw DataError(file.file->path, "is not an AnnData file: it has no '" + name +
                                         "'. Write one with anndata's write_h5ad.");
  }
  if (!hdf5::is_group(file, name)) {
    throw DataError(file.file->path + ": " + name,
                    "is as AnnData wrote it before version 0.7. Read the file with anndata and "
                    "write it again.");
  }
  group_ = hdf5::open_group(file, name);
}

std::string DataFrame::index_name() const {
  if (hdf5::has_attribute(group_, "_index")) {
    auto name = hdf5::read_attribute<std::string>(group_, "_index");
    if (!name.empty() && name.find('/') == std::string::npos) return name;
  }
  return hdf5::exists(group_, "_index") ? "_index" : "index";
}

std::vector<std::string> DataFrame::index() const {
  std::vector<bool> is_missing;
  const auto entries = read_nullable(group_, index_name(), is_missing);
  if (static_cast<std::int64_t>(entries.size()) != rows_) {
    throw DataError(place_of(group_), "has " + std::to_string(entries.size()) +
                                          " names; expected " + std::to_string(rows_) +
                                          ", as the matrix has.");
  }
  std::vector<std::string> names;
  for (std::size_t row = 0; row < entries.size(); ++row) names.push_back(entries.text(row));
  return names;
}

std::vector<std::string> DataFrame::columns() const {
  auto all = hdf5::names(group_);
  const auto index = index_name();
  std::erase_if(all, [&](const auto& name) { return name == index || name == kOldCategories; });
  return all;
}

TableColumn DataFrame::column(const std::string& name, bool as_categories, std::size_t most) const {
  const auto column = [&] {
    const bool is_group = hdf5::is_group(group_, name);
    if (is_group) {
      const auto group = hdf5::open_group(group_, name);
      if (encoding_of(group) == "categorical")
        return categorical(group_, name, open_list(group, "codes"), group, "categories");
    } else if (hdf5::is_group(group_, kOldCategories)) {
      const auto old = hdf5::open_group(group_, kOldCategories);
      if (hdf5::exists(old, name))
        return categorical(group_, name, open_list(group_, name), old, name);
    }
    std::vector<bool> is_missing;
    const auto entries = read_nullable(group_, name, is_missing);
    const bool are_numbers = entries.texts.empty() && !entries.are_booleans;
    return are_numbers && !as_categories ? numbers_of(group_, name, entries, is_missing)
                                         : categories_of(group_, name, entries, is_missing);
  }();
  if (static_cast<std::int64_t>(column.rows()) != rows_) {
    throw DataError(place_of(group_), "column '" + name + "' has " + std::to_string(column.rows()) +
                                          " entries; expected " + std::to_string(rows_) +
                                          ", as the matrix has rows.");
  }
  if (column.categories().size() > most) {
    throw DataError(place_of(group_),
                    "column '" + name + "' has " + std::to_string(column.categories().size()) +
                        " categories; at most " + std::to_string(most) + " are read.");
  }
  return column;
}

}  // namespace varia::datasets
