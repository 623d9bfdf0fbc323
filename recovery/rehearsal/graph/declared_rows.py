"""The part of the table of served paths that the population's declarations make up."""

from __future__ import annotations

from recovery.rehearsal.graph.row import Relation, Row, Stream
from recovery.rehearsal.population.declaration import Declaration, declarations


def declared_rows(*, contained: bool) -> tuple[Row, ...]:
    """Rows of the declared collections that objects of another one contain, or of the others."""
    return tuple(_row_of(each) for each in declarations() if (each.of is not None) is contained)


def declared_relations() -> tuple[Relation, ...]:
    """Links of declared collections; those to objects that are contained nowhere are another view of these."""
    return tuple(
        Relation(
            each.collection,
            relation.name,
            relation.permissions,
            kind=relation.kind,
            target=relation.target,
            reverse=relation.target is not None,
            path=relation.path,
        )
        for each in declarations()
        for relation in each.relations
    )


def declared_streams() -> tuple[Stream, ...]:
    """Bytes of declared collections' objects."""
    return tuple(
        Stream(each.collection, stream.name, stream.path, stream.permissions, stream.media_type, stream.share)
        for each in declarations()
        for stream in each.streams
    )


def _row_of(declaration: Declaration) -> Row:
    return Row(
        declaration.collection,
        (declaration.path,),
        declaration.permissions,
        units=declaration.units,
        page=declaration.page,
        largest_page=declaration.largest_page,
        singleton=declaration.single,
        bucket=declaration.bucket,
        beta_only=declaration.beta,
        parent=declaration.of,
        may_be_absent=declaration.may_be_absent,
        filtered=declaration.filtered,
        when=declaration.when,
        embeds=declaration.embeds,
        left_out_of_lists=declaration.left_out_of_lists,
        tracks=declaration.tracks,
    )
