import type { VNode } from 'preact'
import { findPlace, placeName, placeTitle, type TokenPlace } from '../words/places.ts'
import { Choice, type FieldProps } from './field.tsx'

interface PlaceChoiceProps extends FieldProps {
  readonly place: TokenPlace
  readonly places: readonly TokenPlace[]
  readonly onChange: (place: TokenPlace) => void
}

/** One of the places that tokens belong to. */
export function PlaceChoice({ place, places, onChange, ...field }: PlaceChoiceProps): VNode {
  const choose = (name: string): void => {
    const chosen = findPlace(places, name)
    if (chosen !== undefined) onChange(chosen)
  }
  return (
    <Choice
      {...field}
      value={placeName(place)}
      options={places.map((each) => [placeName(each), placeTitle(each)])}
      onChange={choose}
    />
  )
}
