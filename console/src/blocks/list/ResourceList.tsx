import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import PropertyFilter from "@cloudscape-design/components/property-filter";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { type ReactNode, useMemo, useState } from "react";
import { MOST_ITEMS } from "../../aws/collect";
import type { Live } from "../../live/useLive";
import { capitalized, type Words } from "../formats/words";
import { LiveMark } from "../LiveMark";
import { DeleteModal } from "../modals/DeleteModal";
import { Refused } from "../Refused";
import { ActionsButton } from "./ActionsButton";
import type { Action } from "./actions";
import { type Column, compare, nowOf, type Row, rowsOf } from "./columns";
import { ListPreferences } from "./ListPreferences";
import { usePreferences } from "./preferences";

export interface ResourceListProps<T> {
  /** Names the list's preferences: `sagemaker.trainingJobs`. */
  id: string;
  words: Words;
  live: Live<T[]>;
  idOf: (item: T) => string;
  /** What people call it, where that is not what tells it from the others. */
  nameOf?: (item: T) => string;
  columns: Column<T>[];
  /** The column that orders the list at first; `descending` for the newest first. */
  sortedBy?: { column: string; descending?: boolean };
  actions?: Action<T>[];
  /** Deletes one; the list then offers it, asks for the name, and shows what goes with it. */
  remove?: (item: T) => Promise<unknown>;
  removal?: { consequence?: ReactNode; verb?: string; refuses?: (item: T) => string | undefined };
  /** The button that makes a new one. */
  create?: ReactNode;
  /** What to do when there is none: a sentence, and perhaps a button. */
  empty: { hint: ReactNode; action?: ReactNode };
  description?: ReactNode;
  /** `full-page` for a page that is this list, `container` for a list within a page. */
  variant?: TableProps.Variant;
}

/** The list that every screen uses: filter, order, choice, actions, columns by taste, and always true. */
export function ResourceList<T>(props: ResourceListProps<T>) {
  const { id, words, live, idOf, nameOf = idOf, columns, sortedBy, variant = "full-page" } = props;
  const [preferences, setPreferences] = usePreferences(id, columns);
  const [deleting, setDeleting] = useState<T[]>();
  const rows = useMemo(() => rowsOf(live.data ?? [], columns, idOf), [live.data, columns, idOf]);
  const table = useMemo(() => columns.map((column) => definitionOf(column)), [columns]);
  const sorting = table.find((column) => column.id === sortedBy?.column);

  const { items, actions, filteredItemsCount, collectionProps, propertyFilterProps, paginationProps } =
    useCollection(rows, {
      propertyFiltering: {
        filteringProperties: columns.map((column) => ({
          key: column.id,
          propertyLabel: column.header,
          groupValuesLabel: capitalized(column.header.toLowerCase()),
          operators: [":", "!:", "=", "!=", "^", "<", ">"],
        })),
        empty: <Empty words={words} {...props.empty} />,
        noMatch: (
          <Empty
            words={words}
            hint="Nothing matches the filter."
            action={
              <Button onClick={() => actions.setPropertyFiltering({ tokens: [], operation: "and" })}>
                Clear the filter
              </Button>
            }
          />
        ),
      },
      pagination: { pageSize: preferences.pageSize ?? 20 },
      sorting: sorting
        ? { defaultState: { sortingColumn: sorting, isDescending: sortedBy?.descending ?? false } }
        : {},
      selection: { keepSelection: true, trackBy: "$id" },
    });
  // The table keeps what was chosen as it was then: what may be done is a matter of how it is now.
  const chosen = nowOf(collectionProps.selectedItems ?? [], rows);
  const all: Action<T>[] = [...(props.actions ?? [])];
  if (props.remove)
    all.push({
      id: "delete",
      text: props.removal?.verb ?? "Delete",
      run: setDeleting,
      ...(props.removal?.refuses ? { refuses: props.removal.refuses } : {}),
    });
  const count = rows.length >= MOST_ITEMS ? `${MOST_ITEMS}+` : rows.length;
  const nothing = live.refusal && !live.data;

  return (
    <>
      <Table<Row<T>>
        {...collectionProps}
        items={nothing ? [] : items}
        columnDefinitions={table}
        columnDisplay={preferences.contentDisplay ?? []}
        wrapLines={preferences.wrapLines ?? false}
        contentDensity={preferences.contentDensity ?? "comfortable"}
        variant={variant}
        stickyHeader={variant === "full-page"}
        resizableColumns
        enableKeyboardNavigation
        loading={live.loading}
        loadingText={`Loading ${words.many}`}
        {...(all.length > 0 ? { selectionType: "multi" as const } : {})}
        {...(nothing ? { empty: <Refused of={live.refusal} /> } : {})}
        ariaLabels={{
          tableLabel: capitalized(words.many),
          allItemsSelectionLabel: () => "all",
          itemSelectionLabel: (_, row) => nameOf(row.$item),
          selectionGroupLabel: `Choose ${words.many}`,
        }}
        header={
          <Header
            variant={variant === "full-page" ? "awsui-h1-sticky" : "h2"}
            counter={live.data ? `(${chosen.length > 0 ? `${chosen.length}/` : ""}${count})` : ""}
            info={<LiveMark of={live} />}
            description={props.description}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  iconName="refresh"
                  ariaLabel={`Look at the ${words.many} again`}
                  onClick={live.refresh}
                />
                {all.length > 0 && <ActionsButton actions={all} chosen={chosen} onDone={live.refresh} />}
                {props.create}
              </SpaceBetween>
            }
          >
            {capitalized(words.many)}
          </Header>
        }
        filter={
          <PropertyFilter
            {...propertyFilterProps}
            filteringPlaceholder={`Find ${words.many}`}
            filteringAriaLabel={`Find ${words.many}`}
            countText={filteredItemsCount === 1 ? "1 match" : `${filteredItemsCount} matches`}
            expandToViewport
          />
        }
        pagination={<Pagination {...paginationProps} />}
        preferences={
          <ListPreferences
            words={words}
            columns={columns}
            preferences={preferences}
            onChange={setPreferences}
          />
        }
      />
      {deleting && props.remove && (
        <DeleteModal
          words={words}
          items={deleting}
          nameOf={nameOf}
          remove={props.remove}
          consequence={props.removal?.consequence}
          verb={props.removal?.verb ?? "Delete"}
          onClose={(deleted) => {
            setDeleting(undefined);
            if (deleted) {
              actions.setSelectedItems([]);
              live.refresh();
            }
          }}
        />
      )}
    </>
  );
}

function definitionOf<T>(column: Column<T>): TableProps.ColumnDefinition<Row<T>> {
  return {
    id: column.id,
    header: column.header,
    cell: ({ $item }) => (column.cell ? column.cell($item) : String(column.value($item) ?? "–")),
    sortingComparator: (a, b) => compare(column.value(a.$item), column.value(b.$item)),
    ...(column.width ? { width: column.width } : {}),
    minWidth: column.width ? 90 : 120, // what has no width of its own gets what the others leave: not too little
  };
}

function Empty({ words, hint, action }: { words: Words; hint: ReactNode; action?: ReactNode }) {
  return (
    <Box margin={{ vertical: "s" }} textAlign="center" color="inherit">
      <SpaceBetween size="s">
        <Box variant="strong">No {words.many}</Box>
        <Box color="text-body-secondary">{hint}</Box>
        {action}
      </SpaceBetween>
    </Box>
  );
}
