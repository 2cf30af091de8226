//! The names that parameters and properties of pages usually have, in lower case and without punctuation.

/// Parameters for a cursor, and the properties with the cursor of the next page, those with the most specific names first.
pub(super) struct CursorNames {
    pub(super) parameters: &'static [&'static str],
    pub(super) properties: &'static [&'static str],
}

pub(super) const CURSORS: [CursorNames; 3] = [
    CursorNames {
        parameters: &[
            "cursor",
            "pagecursor",
            "nextcursor",
            "startcursor",
            "pagetoken",
            "nextpagetoken",
            "nexttoken",
            "continuationtoken",
            "continuation",
            "paginationtoken",
            "pagingtoken",
            "marker",
            "after",
            "page",
        ],
        properties: &[
            "nextcursor",
            "nextpagetoken",
            "nextpagecursor",
            "nexttoken",
            "nextmarker",
            "endcursor",
            "continuationtoken",
            "paginationtoken",
            "pagingtoken",
            "after",
            "nextpage",
            "next",
        ],
    },
    CursorNames { parameters: &["afterid", "startingafter", "after"], properties: &["lastid"] },
    // A number of items is not a cursor, but the name of the property says that it is one here.
    CursorNames { parameters: &["offset", "skip", "start"], properties: &["nextpageoffset", "nextoffset", "nextskip", "nextstart"] },
];

/// Parameters for the id of the last item of the page before.
pub(super) const ID_CURSORS: [&str; 4] = ["startingafter", "afterid", "startafterid", "after"];

/// Properties with the URL of the next page.
pub(super) const LINKS: [&str; 8] = ["next", "nexturl", "nexturi", "nextlink", "nextpage", "nextpageurl", "nextpagelink", "odatanextlink"];

/// Properties with an object about the page.
pub(super) const CONTAINERS: [&str; 11] =
    ["pagination", "paging", "pageinfo", "meta", "metadata", "cursors", "responsemetadata", "searchmetadata", "links", "result", "data"];

pub(super) const OFFSETS: [&str; 4] = ["offset", "skip", "startindex", "start"];
pub(super) const NUMBERS: [&str; 3] = ["page", "pagenumber", "pageno"];

/// Flags of a page that more pages follow.
pub(super) const MORE: [&str; 7] = ["hasmore", "hasnext", "hasnextpage", "hasmoreitems", "hasmoreresults", "moreresults", "more"];
/// Flags of the last page.
pub(super) const LAST: [&str; 4] = ["islast", "islastpage", "lastpage", "last"];

/// The list of a page that has several lists.
pub(super) const LISTS: [&str; 12] =
    ["items", "data", "results", "values", "records", "entries", "list", "content", "rows", "elements", "objects", "nodes"];
/// Properties with an object that has the list.
pub(super) const LIST_CONTAINERS: [&str; 6] = ["data", "result", "results", "response", "embedded", "page"];

/// A name in lower case without punctuation.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
